package dev.preceptor.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The launcher as it stands in a distribution: beside a folder lib, here with a program that prints its surroundings. */
class LauncherTest {
    private static final Path LAUNCHER =
            Path.of("..", "preceptor").toAbsolutePath().normalize();

    @TempDir
    private Path home;

    @Test
    void isValidBash() throws Exception {
        assertEquals("", run(home, Map.of(), "bash", "-n", LAUNCHER.toString()));
    }

    @Test
    void runsThroughALinkFromAnotherFolderWithItsArgumentsWhole() throws Exception {
        Path elsewhere = distribution();
        String said = run(elsewhere, Map.of("JAVA_HOME", fakeJava("17.0.9")), "bash", "run", "two words", "--x=1");
        assertTrue(said.contains("[two words][--x=1]"), said);
        assertTrue(said.contains("[dev.preceptor.cli.Main]"), said);
        assertTrue(said.contains("[" + home.toRealPath() + "/dist/lib/*]"), said);
        assertTrue(said.contains("OMP passive"), said);
        assertTrue(!said.contains("native-access"), said);
    }

    @Test
    void newerJavaIsToldThatNativeCodeIsMeant() throws Exception {
        Path elsewhere = distribution();
        String said = run(elsewhere, Map.of("JAVA_HOME", fakeJava("25")), "bash", "run");
        assertTrue(said.contains("[--enable-native-access=ALL-UNNAMED]"), said);
        assertTrue(said.contains("[--sun-misc-unsafe-memory-access=allow]"), said);
    }

    @Test
    void theEnvironmentOfTheUserWins() throws Exception {
        Path elsewhere = distribution();
        Map<String, String> mine =
                Map.of("JAVA_HOME", fakeJava("17"), "OMP_WAIT_POLICY", "active", "JAVA_OPTS", "-Xmx9g -Dmine=1");
        String said = run(elsewhere, mine, "bash", "run");
        assertTrue(said.contains("OMP active"), said);
        assertTrue(said.indexOf("[-Xmx9g][-Dmine=1]") > said.indexOf("[-Xmx"), said);
    }

    @Test
    void jarsOfTheUserFollowThoseOfTheDistribution() throws Exception {
        Path elsewhere = distribution();
        Map<String, String> environment =
                Map.of("JAVA_HOME", fakeJava("17"), "PRECEPTOR_CLASSPATH", "one.jar:two words.jar");
        String said = run(elsewhere, environment, "bash", "run");
        assertTrue(said.contains("[" + home.toRealPath() + "/dist/lib/*:one.jar:two words.jar]"), said);
    }

    @Test
    void anOldJavaIsRefusedInOneLine() throws Exception {
        Path elsewhere = distribution();
        String said = run(elsewhere, Map.of("JAVA_HOME", fakeJava("1.8.0_412")), "bash", "run");
        assertTrue(said.startsWith("preceptor: error: ") && said.contains("is Java 8"), said);
        assertEquals(1, said.lines().count(), said);
    }

    private Path distribution() throws IOException {
        assumeTrue(Files.isExecutable(Path.of("/bin/bash")), "skipped: no bash here");
        Path dist = Files.createDirectories(home.resolve("dist"));
        Files.createDirectories(dist.resolve("lib"));
        Files.copy(LAUNCHER, dist.resolve("preceptor")).toFile().setExecutable(true);
        Path elsewhere = Files.createDirectories(home.resolve("elsewhere"));
        Files.createSymbolicLink(elsewhere.resolve("run"), Path.of("..", "dist", "preceptor"));
        return elsewhere;
    }

    private String fakeJava(String version) throws IOException {
        Path java = Files.createDirectories(home.resolve("java-" + version).resolve("bin"))
                .resolve("java");
        Files.writeString(
                java,
                "#!/bin/bash\nif [ \"$1\" = -version ]; then echo 'openjdk version \"" + version
                        + "\"' >&2; exit; fi\necho \"OMP $OMP_WAIT_POLICY\"\nprintf '[%s]' \"$@\"\n");
        java.toFile().setExecutable(true);
        return java.getParent().getParent().toString();
    }

    private static String run(Path folder, Map<String, String> environment, String... command) throws Exception {
        List<String> line = new ArrayList<>(Arrays.asList(command));
        ProcessBuilder builder =
                new ProcessBuilder(line).directory(folder.toFile()).redirectErrorStream(true);
        List.of("OMP_WAIT_POLICY", "JAVA_OPTS", "PRECEPTOR_CLASSPATH").forEach(builder.environment()::remove);
        builder.environment().putAll(environment);
        Process process = builder.start();
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        process.waitFor();
        return said;
    }
}
