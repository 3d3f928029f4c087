package dev.preceptor.parallel;

import dev.preceptor.tensor.Tensors;
import java.util.ArrayList;
import java.util.List;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorBase;
import org.bytedeco.pytorch.VoidTensorHook;
import org.bytedeco.pytorch.Work;
import org.bytedeco.pytorch.global.torch;

/**
 * Sums gradients over the processes while the backward pass still runs (Li et al., PyTorch Distributed, VLDB 2020, 3.2): the
 * weights lie in buckets in the reverse order of their declaration, which is about the order in which their gradients come,
 * and a bucket goes on its way when its last gradient is there. Which one is the last is known from the step before; the
 * first step goes on its way when it is over. Buckets go in a fixed order, as all processes must do the same.
 *
 * <p>Memory: one copy of all gradients. A bucket's content and its sum do not depend on when it goes.
 */
final class GradientBuckets implements GradientExchange {
    private final Joined group;
    private final List<Slot> slots = new ArrayList<>();
    private final List<Bucket> buckets = new ArrayList<>();
    private boolean running;
    private int next;

    GradientBuckets(Joined group, List<Tensor> weights, long bucketBytes) {
        this.group = group;
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
    public void during(Runnable backward) {
        buckets.forEach(Bucket::begin);
        next = 0;
        running = true;
        try {
            backward.run();
        } finally {
            running = false;
        }
        while (next < buckets.size()) {
            buckets.get(next++).send();
        }
        buckets.forEach(Bucket::receive);
    }

    private void sendReady() {
        while (next < buckets.size() && buckets.get(next).isComplete()) {
            buckets.get(next++).send();
        }
    }

    @Override
    public void close() {
        slots.forEach(Slot::close);
        buckets.forEach(Bucket::close);
    }

    /** Where the gradient of a weight lies in its bucket. */
    private final class Slot {
        private final Tensor weight;
        private final Tensor place;
        private final Bucket bucket;
        private final VoidTensorHook hook;
        private final int registered;
        /** Passes of this step and of the step before that reached the weight. */
        private int passes;

        private int expected;

        Slot(Tensor weight, Tensor place, Bucket bucket) {
            this.weight = weight;
            this.place = Tensors.keep(place);
            this.bucket = bucket;
            this.hook = Tensors.keep(new VoidTensorHook() {
                @Override
                public void call(TensorBase gradient) {
                    arrived(gradient);
                }
            });
            this.registered = weight.register_hook(hook);
        }

        private void arrived(TensorBase gradient) {
            if (!running) {
                return;
            }
            passes++;
            if (bucket.isSent()) {
                bucket.isLate = true;
                return;
            }
            try (PointerScope scope = new PointerScope();
                    NoGradGuard guard = new NoGradGuard()) {
                Tensor given = new Tensor(gradient);
                if (passes > 1) {
                    place.add_(given);
                } else if (weight.grad().defined()) {
                    // Gathered before this step's last batch; the weight itself gets its gradient after this.
                    torch.add_out(place, weight.grad(), given);
                } else {
                    place.copy_(given);
                }
            }
            if (passes == expected) {
                bucket.awaited--;
                sendReady();
            }
        }

        /** The gradient that the weight itself has by now, if it has one. */
        void takeGathered() {
            Tensor gathered = weight.grad();
            if (gathered.defined()) {
                place.copy_(gathered);
            } else {
                place.zero_();
            }
        }

        void close() {
            weight.remove_hook(registered);
            Tensors.release(hook);
            Tensors.release(place);
        }
    }

    /** Gradients that travel together. */
    private final class Bucket {
        private final Tensor flat;
        private final List<Slot> members = new ArrayList<>();
        private Work work;
        private int awaited;
        /** Whether a gradient came after it was sent, because this step takes another way than the one before. */
        private boolean isLate;

        Bucket(List<Tensor> weights) {
            try (PointerScope scope = new PointerScope();
                    NoGradGuard guard = new NoGradGuard()) {
                long count = weights.stream().mapToLong(Tensor::numel).sum();
                flat = Tensors.keep(
                        torch.zeros(new long[] {count}, weights.get(0).options()));
                long at = 0;
                for (Tensor weight : weights) {
                    Tensor place = flat.narrow(0, at, weight.numel()).view(Tensors.shape(weight));
                    Slot slot = new Slot(weight, place, this);
                    members.add(slot);
                    slots.add(slot);
                    at += weight.numel();
                }
            }
        }

        void begin() {
            isLate = false;
            awaited = 0;
            for (Slot slot : members) {
                slot.expected = slot.passes;
                slot.passes = 0;
                awaited += slot.expected > 0 ? 1 : 0;
            }
        }

        boolean isComplete() {
            return awaited == 0 && members.stream().anyMatch(slot -> slot.passes > 0);
        }

        boolean isSent() {
            return work != null;
        }

        void send() {
            try (PointerScope scope = new PointerScope();
                    NoGradGuard guard = new NoGradGuard()) {
                members.stream().filter(slot -> slot.passes == 0).forEach(Slot::takeGathered);
            }
            work = group.sumLater(flat);
        }

        /** Leaves the means as the gradients of the weights. */
        void receive() {
            finish();
            try (PointerScope scope = new PointerScope();
                    NoGradGuard guard = new NoGradGuard()) {
                if (isLate) {
                    members.forEach(Slot::takeGathered);
                    send();
                    finish();
                }
                flat.div_(new Scalar((double) group.size()));
                members.stream()
                        .filter(slot -> slot.weight.grad().defined())
                        .forEach(slot -> slot.weight.mutable_grad().put(slot.place));
            }
        }

        private void finish() {
            try {
                group.await(work);
            } finally {
                Tensors.release(work);
                work = null;
            }
        }

        void close() {
            if (work != null) {
                Tensors.release(work);
            }
            Tensors.release(flat);
        }
    }
}
