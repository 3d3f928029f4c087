package dev.preceptor.cli;

import dev.preceptor.cohort.SchemaDecision;
import dev.preceptor.volume.LabelSpace;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** Parses a label schema: a name, the path of a {@code dataset.json}, or the labels themselves. */
final class SchemaName implements ITypeConverter<LabelSpace> {
    @Override
    public LabelSpace convert(String text) {
        return SchemaDecision.given(text)
                .orElseThrow(() -> new TypeConversionException("no label schema is called " + text + "; known are "
                        + LabelSpace.knownNames()
                        + ", the path of a dataset.json, and labels such as \"{1 NCR, 2 ED, 4 ET}\""));
    }
}
