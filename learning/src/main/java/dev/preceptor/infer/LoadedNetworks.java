package dev.preceptor.infer;

import dev.preceptor.model.LoadedModel;
import dev.preceptor.model.ModelDescription;
import dev.preceptor.network.Network;
import dev.preceptor.network.Requirement;
import dev.preceptor.tensor.Tensors;
import dev.preceptor.tensor.Torch;
import dev.preceptor.volume.Size;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Semaphore;
import java.util.function.Function;
import org.bytedeco.pytorch.Device;

/**
 * The networks of a {@link Predictor} on their device.
 *
 * @param device where the parameters are
 * @param members at least one; all need the same sequences
 * @param passes permits of the predictions that compute at a time
 */
record LoadedNetworks(Device device, List<Member> members, Semaphore passes) implements AutoCloseable {
    LoadedNetworks {
        members = List.copyOf(members);
        Requirement first = members.get(0).network().requires();
        members.forEach(member -> Predictor.requireSame(
                "need of sequences", first, member.network().requires()));
    }

    /** A network and the tiling with which it was validated. */
    record Member(Network network, Size patch, double overlap) {
        SlidingWindow window(Size image, PredictionOptions options) {
            return options.preset()
                    .window(image, patch, options.overlap().orElse(overlap), options.batch(), network.totalStride());
        }
    }

    /**
     * Builds the networks of models.
     *
     * @param load builds one; what it returns is closed with these networks, or if another one cannot be built
     * @throws dev.preceptor.base.MismatchException if the models differ in the sequences that they need
     */
    static <T> LoadedNetworks of(List<T> models, Function<T, LoadedModel> load, PredictionOptions options) {
        List<LoadedModel> loaded = new ArrayList<>();
        Device place = null;
        try {
            models.forEach(model -> loaded.add(load.apply(model)));
            place = Torch.device(options.device());
            List<Member> members = new ArrayList<>();
            for (LoadedModel each : loaded) {
                each.network().parameters().moveTo(place);
                ModelDescription description = each.model().description();
                members.add(new Member(each.network(), description.patch(), description.overlap()));
            }
            return new LoadedNetworks(place, members, new Semaphore(options.passesAtOnce(), true));
        } catch (RuntimeException e) {
            loaded.forEach(LoadedModel::close);
            if (place != null) {
                Tensors.release(place);
            }
            throw e;
        }
    }

    /** Which of its sequences a subject must have. */
    Requirement requires() {
        return members.get(0).network().requires();
    }

    @Override
    public void close() {
        members.forEach(member -> member.network().close());
        Tensors.release(device);
    }
}
