package dev.preceptor.parallel;

import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;

/**
 * Keeps native objects alive until the process ends. After a rank is lost, a pending operation may still write into a tensor
 * and the threads of a process group may still wait for a peer. Such objects must neither be freed nor become unreachable:
 * JavaCPP frees every pointer that the garbage collector finds unreachable, even while native code refers to it. Training ends
 * when a rank is lost, so at most one process group is kept for each failed training.
 */
final class Abandoned {
    private static final Queue<Object> OBJECTS = new ConcurrentLinkedQueue<>();

    private Abandoned() {}

    static void keep(Object owner) {
        OBJECTS.add(owner);
    }
}
