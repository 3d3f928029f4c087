package dev.preceptor.network;

import dev.preceptor.base.MismatchException;
import java.util.Arrays;
import java.util.Optional;
import java.util.function.Supplier;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/**
 * While it is open, the networks that its thread builds are to be filled from a file ({@link Parameters#assign}): {@link Layers}
 * declares their weights without drawing values, and refuses a network of more than twice the weights of the file before their
 * memory is taken, whatever the settings of the network say. (A smaller network is built, so that the message can name the weight
 * that the file lacks.) Belongs to one thread, as a {@code PointerScope} does.
 */
public final class StoredWeights implements AutoCloseable {
    private static final ThreadLocal<StoredWeights> OPEN = new ThreadLocal<>();

    private final StoredWeights outer;
    private final long available;
    private long declared;

    /** @param available the number of scalars in the file */
    public StoredWeights(long available) {
        this.outer = OPEN.get();
        this.available = available;
        OPEN.set(this);
    }

    @Override
    public void close() {
        if (outer == null) {
            OPEN.remove();
        } else {
            OPEN.set(outer);
        }
    }

    /**
     * The first values of a weight: any, if a file has them.
     *
     * @throws MismatchException if the network has more than twice the weights of the file
     */
    static Tensor initial(long[] shape, Supplier<Tensor> fresh) {
        StoredWeights open = OPEN.get();
        if (open == null) {
            return fresh.get();
        }
        open.requireRoom(Arrays.stream(shape).reduce(1, Math::multiplyExact));
        return torch.empty(shape);
    }

    /** Counts a weight; does nothing if no file is read. */
    static void count(long scalars) {
        Optional.ofNullable(OPEN.get()).ifPresent(open -> {
            open.requireRoom(scalars);
            open.declared += scalars;
        });
    }

    private void requireRoom(long scalars) {
        if (scalars > 2 * available - declared) {
            throw new MismatchException(
                    "the network has more than twice as many weights as the file, which has " + available);
        }
    }
}
