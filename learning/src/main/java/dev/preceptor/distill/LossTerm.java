package dev.preceptor.distill;

import dev.preceptor.network.Features;
import java.util.List;
import org.bytedeco.pytorch.Tensor;

/**
 * A loss and the forward passes that it depends on.
 *
 * @param loss one number
 * @param dependsOn the features that the loss depends on and whose networks are trained; empty if it depends on weights alone
 */
public record LossTerm(Tensor loss, List<Features> dependsOn) {
    public LossTerm {
        dependsOn = List.copyOf(dependsOn);
    }

    /** Adds the gradient of the loss to the gradient of every weight that it depends on. */
    public void backward() {
        backward(() -> {});
    }

    /**
     * {@link #backward()} with a callback.
     *
     * @param onProgress called whenever gradients of weights may have changed
     */
    public void backward(Runnable onProgress) {
        loss.backward();
        onProgress.run();
        dependsOn.forEach(features -> features.backward(onProgress));
    }
}
