package dev.preceptor.model;

import dev.preceptor.base.Settings;
import dev.preceptor.base.Sha256;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Everything that {@code preceptor inspect} says of a model file.
 *
 * @param description the description in the file
 * @param summary the same in short, with the number of weights
 * @param takesAnySubset whether the model segments from any of its sequences, which are at least two, or needs all
 * @param hash {@link ModelFile#hash()}
 * @param sha256 SHA-256 of the bytes of the file
 * @param signature the signature beside the file, not checked with a key
 */
public record ModelInspection(
        ModelDescription description,
        ModelSummary summary,
        boolean takesAnySubset,
        String hash,
        String sha256,
        Optional<ModelSignature> signature) {
    /**
     * Reads all of a model file.
     *
     * @throws dev.preceptor.base.InvalidFileException if it, or the signature beside it, is not valid
     */
    public static ModelInspection of(Path file) {
        try (LoadedModel loaded = ModelFile.load(file, List.of())) {
            return new ModelInspection(
                    loaded.model().description(),
                    loaded.model().summary(),
                    loaded.takesAnySubset(),
                    loaded.model().hash(),
                    Sha256.of(file),
                    ModelSignature.beside(file));
        }
    }

    /** The keys and values of the JSON. */
    public Map<String, Object> toMap() {
        Map<String, Object> map = new LinkedHashMap<>();
        Settings.JSON.valueToTree(summary).properties().forEach(each -> map.put(each.getKey(), each.getValue()));
        map.put("takesAnySubset", takesAnySubset);
        map.put("hash", hash);
        map.put("sha256", sha256);
        map.put("signature", signature.map(this::signatureMap).orElse(null));
        return map;
    }

    private Map<String, Object> signatureMap(ModelSignature of) {
        Map<String, Object> map = new LinkedHashMap<>();
        map.put("key", of.keyId());
        map.put("signsThisFile", of.sha256().equals(sha256));
        return map;
    }

    /** A page of text, which ends with a line break. */
    public String toText() {
        return new InspectionText(this).text();
    }
}
