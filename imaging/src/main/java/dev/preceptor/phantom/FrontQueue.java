package dev.preceptor.phantom;

import java.util.Arrays;

/** A binary heap of voxels ordered by arrival time, then by number, so that the order is the same on every machine. */
final class FrontQueue {
    private long[] heap = new long[1024];
    private int count;

    boolean isEmpty() {
        return count == 0;
    }

    /** Adds a voxel; the time must not be negative. */
    void add(float time, int voxel) {
        if (count == heap.length) {
            heap = Arrays.copyOf(heap, 2 * count);
        }
        // The bits of non-negative floats have the same order as the floats.
        long key = (long) Float.floatToIntBits(time) << 32 | voxel;
        int at = count++;
        while (at > 0 && heap[(at - 1) / 2] > key) {
            heap[at] = heap[(at - 1) / 2];
            at = (at - 1) / 2;
        }
        heap[at] = key;
    }

    /** The smallest arrival time in the queue. */
    float firstTime() {
        return Float.intBitsToFloat((int) (heap[0] >>> 32));
    }

    /** Removes and returns the voxel with the smallest arrival time. */
    int removeFirst() {
        int first = (int) heap[0];
        long key = heap[--count];
        int at = 0;
        for (int child = 1; child < count; child = 2 * at + 1) {
            if (child + 1 < count && heap[child + 1] < heap[child]) {
                child++;
            }
            if (heap[child] >= key) {
                break;
            }
            heap[at] = heap[child];
            at = child;
        }
        heap[at] = key;
        return first;
    }
}
