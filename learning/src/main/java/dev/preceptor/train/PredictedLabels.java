package dev.preceptor.train;

import dev.preceptor.data.Sample;
import dev.preceptor.data.Samples;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import java.util.zip.Deflater;
import java.util.zip.DeflaterOutputStream;
import java.util.zip.InflaterInputStream;

/**
 * Subjects without labels, with the classes that frozen networks predict for them. The predictions are kept compressed in memory,
 * a few kilobytes a subject; a resumed training predicts them again.
 */
final class PredictedLabels implements Samples {
    private final Samples images;
    private final List<byte[]> compressed;

    private PredictedLabels(Samples images, List<byte[]> compressed) {
        this.images = images;
        this.compressed = compressed;
    }

    /**
     * Predicts all subjects.
     *
     * @param images the subjects; their own classes are not read
     * @param count number of subjects
     * @param stopRequested asked before each subject
     * @return empty if a stop was requested
     */
    static Optional<PredictedLabels> of(
            Samples images, int count, WholeSubject prediction, BooleanSupplier stopRequested) {
        List<byte[]> compressed = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            if (stopRequested.getAsBoolean()) {
                return Optional.empty();
            }
            int subject = i;
            compressed.add(images.reading(() -> deflate(prediction.classes(images.sample(subject)))));
        }
        return Optional.of(new PredictedLabels(images, compressed));
    }

    private static byte[] deflate(byte[] classes) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        Deflater deflater = new Deflater(Deflater.BEST_SPEED);
        try (DeflaterOutputStream out = new DeflaterOutputStream(bytes, deflater)) {
            out.write(classes);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } finally {
            deflater.end();
        }
        return bytes.toByteArray();
    }

    @Override
    public Sample sample(int i) {
        Sample sample = images.sample(i);
        try (InflaterInputStream in = new InflaterInputStream(new ByteArrayInputStream(compressed.get(i)))) {
            return sample.withClasses(ByteBuffer.wrap(in.readAllBytes()));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public <R> R reading(Supplier<R> work) {
        return images.reading(work);
    }
}
