package dev.preceptor.cli;

import dev.preceptor.quality.Guard;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;

/** The guards in the option {@code --accept}, separated by commas. */
final class GuardLabels {
    private GuardLabels() {}

    /** @throws ParameterException with the known labels, if one is none of them */
    static Set<Guard> parse(CommandSpec spec, List<String> values) {
        Set<Guard> guards = EnumSet.noneOf(Guard.class);
        values.stream()
                .flatMap(value -> Stream.of(value.split(",")))
                .forEach(label -> guards.add(Guard.labelled(label.strip())
                        .orElseThrow(() -> new ParameterException(
                                spec.commandLine(),
                                "--accept has \"" + label + "\"; the guards are " + Guard.labels()))));
        return guards;
    }
}
