package dev.preceptor.service;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.preceptor.base.InvalidFileException;
import dev.preceptor.infer.PredictionOptions;
import dev.preceptor.model.ModelFile;
import dev.preceptor.model.Models;
import dev.preceptor.model.SigningKey;
import dev.preceptor.model.VerifyingKey;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ServedModelTest {
    @TempDir
    Path folder;

    @Test
    void theSignatureIsCheckedBeforeAnythingOfTheFileIsRead() throws IOException {
        SigningKey.create(folder.resolve("hospital"));
        List<VerifyingKey> trusted = List.of(VerifyingKey.read(folder.resolve("hospital.pub.pem")));
        Path file = Files.writeString(folder.resolve("student.safetensors"), "no model");
        String message = assertThrows(
                        InvalidFileException.class, () -> ServedModel.load(file, trusted, PredictionOptions.DEFAULTS))
                .getMessage();
        assertTrue(message.contains("is not signed"), message);
    }

    @Test
    void theHashIsThatOfTheModelThatWasLoadedAlsoAfterItsFileIsOverwritten() throws IOException {
        Path file = folder.resolve("student.safetensors");
        ModelFile model = Models.small(1);
        model.write(file);
        String hash = model.hash();
        Path other = folder.resolve("other.safetensors");
        Models.small(2).write(other);
        try (ServedModel served = ServedModel.load(file, List.of(), PredictionOptions.DEFAULTS)) {
            // In place, as cp does.
            Files.write(file, Files.readAllBytes(other));
            assertEquals(List.of(hash), served.predictor().modelHashes());
            assertEquals(hash.substring(0, 12), served.name().version());
        }
    }
}
