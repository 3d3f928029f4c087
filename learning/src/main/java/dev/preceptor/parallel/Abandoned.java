package dev.preceptor.parallel;

import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;

/**
 * Keeps native objects until the process ends. What a lost rank leaves behind (an operation that may still write into a tensor,
 * a group whose threads wait for a peer) can neither be freed nor become unreachable: JavaCPP frees what the garbage collector
 * finds, whatever holds it natively. A training that lost a rank is over, so the amount is bounded by one training a loss.
 */
final class Abandoned {
    private static final Queue<Object> OBJECTS = new ConcurrentLinkedQueue<>();

    private Abandoned() {}

    static void keep(Object owner) {
        OBJECTS.add(owner);
    }
}
