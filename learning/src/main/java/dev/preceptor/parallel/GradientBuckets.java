package dev.preceptor.parallel;

import dev.preceptor.tensor.Tensors;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.LongOptional;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/**
 * Bucketed all-reduce of gradients, overlapped with the backward pass (Li et al., PyTorch Distributed, VLDB 2020, section 3.2).
 * Weights are assigned to buckets in reverse order of declaration, approximately the order in which their gradients become
 * ready; the all-reduce of a bucket starts when its last gradient is ready. A gradient counts as ready when it has been
 * accumulated as often as in the last step that reached its weight. Buckets are reduced in a fixed order, the same on all ranks,
 * and the sums do not depend on when an all-reduce starts.
 *
 * <p>Steps and ranks may run different backward passes: networks that take any subset of sequences run only the encoders of their
 * shard. After the backward passes the ranks therefore exchange which weights they reached and which buckets changed after their
 * all-reduce had started. Such a bucket is reduced a second time on all ranks, and a weight that any rank reached has the mean
 * gradient on all ranks, to which a rank that did not reach it contributes 0.
 *
 * <p>Memory: one copy of all gradients.
 */
final class GradientBuckets implements GradientReducer {
    private final DistributedGroup group;
    private final List<Bucket> buckets = new ArrayList<>();
    private final int weightCount;
    private int next;

    GradientBuckets(DistributedGroup group, List<Tensor> weights, long bucketBytes) {
        this.group = group;
        this.weightCount = weights.size();
        List<Tensor> members = new ArrayList<>();
        long bytes = 0;
        for (int i = weights.size() - 1; i >= 0; i--) {
            members.add(weights.get(i));
            bytes += weights.get(i).nbytes();
            if (bytes >= bucketBytes || i == 0) {
                buckets.add(new Bucket(members));
                members.clear();
                bytes = 0;
            }
        }
    }

    @Override
    public void during(Consumer<Runnable> backward) {
        next = 0;
        backward.accept(this::startComplete);
        while (next < buckets.size()) {
            buckets.get(next++).start();
        }
        boolean[] flags = new boolean[buckets.size() + weightCount];
        int flag = 0;
        for (Bucket bucket : buckets) {
            bucket.await();
            flags[flag++] = bucket.isStale();
            for (Slot slot : bucket.slots) {
                flags[flag++] = slot.hasGradient();
            }
        }
        boolean[] onAnyRank = group.anyRank(flags);
        flag = 0;
        for (Bucket bucket : buckets) {
            bucket.finish(onAnyRank, flag);
            flag += 1 + bucket.slots.size();
        }
    }

    private void startComplete() {
        while (next < buckets.size() && buckets.get(next).isComplete()) {
            buckets.get(next++).start();
        }
    }

    @Override
    public void close() {
        buckets.forEach(Bucket::close);
    }

    /** A weight and the view of its gradient in the flat tensor of its bucket. */
    private static final class Slot {
        private static final long NONE = -1;

        private final Tensor weight;
        private final Tensor view;
        /** The number of accumulations in the last step that reached the weight. */
        private long expected = NONE;

        /** The number of accumulations when the all-reduce of the bucket started. */
        private long reduced = NONE;

        /**
         * @param flat the bucket; the view has the shape and strides of the weight
         * @param offset of the view in elements
         */
        Slot(Tensor weight, Tensor flat, long offset) {
            long[] shape = Tensors.shape(weight);
            long[] strides = new long[shape.length];
            for (int i = 0; i < shape.length; i++) {
                strides[i] = weight.stride(i);
            }
            this.weight = weight;
            this.view = Tensors.keep(flat.as_strided(shape, strides, new LongOptional(offset)));
        }

        /** The number of accumulations into the gradient: libtorch increments the version of a tensor on every in-place change. */
        private long accumulations() {
            try (Tensor gradient = weight.grad()) {
                return gradient.defined() ? gradient._version() : NONE;
            }
        }

        boolean hasGradient() {
            return accumulations() != NONE;
        }

        boolean isPending() {
            return expected != NONE && accumulations() < expected;
        }

        void copyIn() {
            Tensor gradient = weight.grad();
            if (gradient.defined()) {
                view.copy_(gradient);
            } else {
                view.zero_();
            }
            reduced = accumulations();
        }

        boolean isStale() {
            return accumulations() != reduced;
        }

        /** Sets the gradient of the weight to the reduced one. */
        void copyOut() {
            if (hasGradient()) {
                expected = accumulations();
            }
            weight.mutable_grad().put(view);
        }
    }

    /** Gradients that are reduced by one collective. */
    private final class Bucket {
        private final Tensor flat;
        private final List<Slot> slots = new ArrayList<>();
        private DistributedGroup.Operation operation;

        Bucket(List<Tensor> weights) {
            try (PointerScope scope = new PointerScope();
                    NoGradGuard guard = new NoGradGuard()) {
                long count = weights.stream().mapToLong(Tensor::numel).sum();
                flat = Tensors.keep(
                        torch.zeros(new long[] {count}, weights.get(0).options()));
                long offset = 0;
                for (Tensor weight : weights) {
                    slots.add(new Slot(weight, flat, offset));
                    offset += weight.numel();
                }
            }
        }

        /** Never in the first step, which has no previous one: all buckets are reduced after the backward passes. */
        boolean isComplete() {
            return slots.stream().anyMatch(slot -> slot.expected != Slot.NONE)
                    && slots.stream().noneMatch(Slot::isPending);
        }

        void start() {
            try (PointerScope scope = new PointerScope();
                    NoGradGuard guard = new NoGradGuard()) {
                slots.forEach(Slot::copyIn);
            }
            operation = group.startAllReduce(flat);
        }

        void await() {
            group.await(operation);
        }

        boolean isStale() {
            return slots.stream().anyMatch(Slot::isStale);
        }

        /**
         * @param onAnyRank at {@code begin} whether the bucket is stale on any rank, then by slot whether any rank has a gradient
         */
        void finish(boolean[] onAnyRank, int begin) {
            if (onAnyRank[begin]) {
                start();
                await();
            }
            try (PointerScope scope = new PointerScope();
                    NoGradGuard guard = new NoGradGuard()) {
                flat.div_(new Scalar((double) group.size()));
                for (int i = 0; i < slots.size(); i++) {
                    if (onAnyRank[begin + 1 + i]) {
                        slots.get(i).copyOut();
                    }
                }
            }
        }

        /** A collective that has not completed keeps its own reference to the memory that it writes. */
        void close() {
            slots.forEach(slot -> Tensors.release(slot.view));
            Tensors.release(flat);
        }
    }
}
