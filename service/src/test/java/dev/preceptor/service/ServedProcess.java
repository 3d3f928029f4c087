package dev.preceptor.service;

import dev.preceptor.http.ServerSettings;
import dev.preceptor.infer.PredictionOptions;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/** A service in a JVM of its own, which tests kill. Arguments: data folder, model. */
public final class ServedProcess {
    private ServedProcess() {}

    public static void main(String[] args) throws InterruptedException {
        ServedModel model = ServedModel.load(Path.of(args[1]), List.of(), PredictionOptions.DEFAULTS);
        SegmentationService service = new SegmentationService(
                List.of(model),
                ServiceSettings.of(Path.of(args[0])),
                Optional.empty(),
                ServerSettings.local(0),
                List.of());
        System.out.println("serving " + service.url());
        System.out.flush();
        Thread.sleep(Long.MAX_VALUE);
    }
}
