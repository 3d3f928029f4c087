package dev.preceptor.distill;

import dev.preceptor.network.Features;
import java.util.List;
import org.bytedeco.pytorch.Tensor;

/**
 * A loss and the forwards that it was made from.
 *
 * @param loss one number
 * @param dependsOn features with a gradient that the loss depends on; none where it depends on weights alone
 */
public record LossTerm(Tensor loss, List<Features> dependsOn) {
    public LossTerm {
        dependsOn = List.copyOf(dependsOn);
    }

    /** Adds the gradient of the loss to that of every weight that it depends on. */
    public void backward() {
        backward(() -> {});
    }

    /**
     * The same, telling how it goes on.
     *
     * @param onProgress told whenever gradients have been added to
     */
    public void backward(Runnable onProgress) {
        loss.backward();
        onProgress.run();
        dependsOn.forEach(features -> features.backward(onProgress));
    }
}
