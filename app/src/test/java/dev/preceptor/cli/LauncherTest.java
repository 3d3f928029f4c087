package dev.preceptor.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The launcher in a distribution, beside a folder lib; a stub in place of java prints its arguments and environment. */
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
    void aLinkInAnotherFolderPassesArgumentsUnchanged() throws Exception {
        Path elsewhere = distribution();
        String output = run(elsewhere, Map.of("JAVA_HOME", fakeJava("17.0.9")), "bash", "run", "two words", "--x=1");
        assertTrue(output.contains("[two words][--x=1]"), output);
        assertTrue(output.contains("[dev.preceptor.cli.Main]"), output);
        assertTrue(output.contains("[" + home.toRealPath() + "/dist/lib/*]"), output);
        assertTrue(output.contains("OMP passive"), output);
        assertTrue(!output.contains("native-access"), output);
    }

    @Test
    void newerJavaVersionsGetTheFlagsForNativeCode() throws Exception {
        Path elsewhere = distribution();
        String output = run(elsewhere, Map.of("JAVA_HOME", fakeJava("25")), "bash", "run");
        assertTrue(output.contains("[--enable-native-access=ALL-UNNAMED]"), output);
        assertTrue(output.contains("[--sun-misc-unsafe-memory-access=allow]"), output);
    }

    @Test
    void theEnvironmentOfTheUserTakesPrecedence() throws Exception {
        Path elsewhere = distribution();
        Map<String, String> mine =
                Map.of("JAVA_HOME", fakeJava("17"), "OMP_WAIT_POLICY", "active", "JAVA_OPTS", "-Xmx9g -Dmine=1");
        String output = run(elsewhere, mine, "bash", "run");
        assertTrue(output.contains("OMP active"), output);
        assertTrue(output.indexOf("[-Xmx9g][-Dmine=1]") > output.indexOf("[-Xmx"), output);
    }

    @Test
    void jarsOfTheUserFollowThoseOfTheDistribution() throws Exception {
        Path elsewhere = distribution();
        Map<String, String> environment =
                Map.of("JAVA_HOME", fakeJava("17"), "PRECEPTOR_CLASSPATH", "one.jar:two words.jar");
        String output = run(elsewhere, environment, "bash", "run");
        assertTrue(output.contains("[" + home.toRealPath() + "/dist/lib/*:one.jar:two words.jar]"), output);
    }

    @Test
    void librariesOfCudaAreLookedForOnlyWhereABuildMayNeedThem() throws Exception {
        Path elsewhere = distribution();
        String flag = "[-Dorg.bytedeco.javacpp.platform.extension=]";
        String java = fakeJava("17");
        assertTrue(run(elsewhere, Map.of("JAVA_HOME", java), "bash", "run").contains(flag));
        Map<String, String> withJars = Map.of("JAVA_HOME", java, "PRECEPTOR_CLASSPATH", "mine.jar");
        assertFalse(run(elsewhere, withJars, "bash", "run").contains(flag));
        Files.createFile(home.resolve("dist/lib/pytorch-2.10.0-1.5.13-linux-x86_64-gpu.jar"));
        assertFalse(run(elsewhere, Map.of("JAVA_HOME", java), "bash", "run").contains(flag));
    }

    @Test
    void anOldJavaIsRefusedInOneLine() throws Exception {
        Path elsewhere = distribution();
        String output = run(elsewhere, Map.of("JAVA_HOME", fakeJava("1.8.0_412")), "bash", "run");
        assertTrue(output.startsWith("preceptor: error: ") && output.contains("is Java 8"), output);
        assertEquals(1, output.lines().count(), output);
    }

    /** A java whose release is known, and which makes the files that the options for class-data sharing name. */
    private Map<String, String> sharingJava() throws IOException {
        String home = fakeJava("17.0.9");
        Files.writeString(Path.of(home, "release"), "IMPLEMENTOR=\"X\"\nJAVA_VERSION=\"17.0.9\"\n");
        Files.writeString(Path.of(home, "bin", "java"), """
                #!/bin/bash
                if [ "$1" = -version ]; then echo asked; exit; fi
                for option in "$@"; do
                    case $option in
                        -XX:DumpLoadedClassList=*) echo classes > "${option#*=}" ;;
                        -Xshare:dump) dumps=yes ;;
                        -XX:SharedArchiveFile=*) [ -z "${dumps:-}" ] || echo archive > "${option#*=}" ;;
                    esac
                done
                printf '[%s]' "$@"
                """);
        Path cache = this.home.resolve("cache");
        return Map.of("JAVA_HOME", home, "XDG_CACHE_HOME", cache.toString());
    }

    @Test
    void theVersionOfJavaIsReadWithoutStartingIt() throws Exception {
        Path elsewhere = distribution();
        String output = run(elsewhere, sharingJava(), "bash", "run", "--help");
        assertTrue(output.contains("[-XX:TieredStopAtLevel=1]"), output);
        assertTrue(!output.contains("asked") && !output.contains("SharedArchiveFile"), output);
    }

    @Test
    void doctorMakesAnArchiveOfClassesThatLaterCallsUse() throws Exception {
        Path elsewhere = distribution();
        Map<String, String> environment = sharingJava();
        Path archives = home.resolve("cache/preceptor/classes");
        assertTrue(run(elsewhere, environment, "bash", "run", "doctor").contains("preparing quick starts"));
        try (Stream<Path> files = Files.list(archives)) {
            List<Path> made = files.toList();
            assertEquals(1, made.size(), made.toString());
            assertEquals("rw-------", PosixFilePermissions.toString(Files.getPosixFilePermissions(made.get(0))));
            String output = run(elsewhere, environment, "bash", "run", "methods");
            assertTrue(output.contains("[-XX:SharedArchiveFile=" + made.get(0) + "]"), output);
            assertTrue(!output.contains("TieredStopAtLevel"), output);
        }
        assertEquals("rwx------", PosixFilePermissions.toString(Files.getPosixFilePermissions(archives)));
        assertTrue(!run(elsewhere, environment, "bash", "run", "doctor").contains("preparing"));
    }

    @Test
    void anArchiveThatOthersCouldReplaceOrThatIsOlderThanAJarIsNotUsed() throws Exception {
        Path elsewhere = distribution();
        Map<String, String> environment = sharingJava();
        Path archives = home.resolve("cache/preceptor/classes");
        run(elsewhere, environment, "bash", "run", "doctor");
        Files.setPosixFilePermissions(archives, PosixFilePermissions.fromString("rwxrwx---"));
        assertTrue(!run(elsewhere, environment, "bash", "run", "methods").contains("SharedArchiveFile"));
        Files.setPosixFilePermissions(archives, PosixFilePermissions.fromString("rwx------"));
        assertTrue(run(elsewhere, environment, "bash", "run", "methods").contains("SharedArchiveFile"));
        Path jar = Files.createFile(home.resolve("dist/lib/app.jar"));
        Files.setLastModifiedTime(jar, FileTime.from(Instant.now().plusSeconds(60)));
        assertTrue(!run(elsewhere, environment, "bash", "run", "methods").contains("SharedArchiveFile"));
    }

    @Test
    void aCacheThatCannotBeWrittenIsNoError() throws Exception {
        Path elsewhere = distribution();
        Map<String, String> environment = new HashMap<>(sharingJava());
        environment.put(
                "XDG_CACHE_HOME", Files.writeString(home.resolve("file"), "").toString());
        String output = run(elsewhere, environment, "bash", "run", "doctor");
        assertTrue(output.contains("[doctor]") && !output.contains("SharedArchiveFile"), output);
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
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        process.waitFor();
        return output;
    }
}
