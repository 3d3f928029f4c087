package dev.preceptor.model;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.preceptor.base.InvalidFileException;
import dev.preceptor.base.PreceptorException;
import dev.preceptor.base.Sha256;
import dev.preceptor.tensor.Torch;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.SplittableRandom;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Device;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ModelSignatureTest {
    private static ModelFile model;

    @TempDir
    private Path folder;

    private Path file;
    private SigningKey key;

    @BeforeAll
    static void build() {
        Torch.open();
        model = Models.small(5);
    }

    @BeforeEach
    void sign() {
        file = folder.resolve("student.safetensors");
        model.write(file);
        key = SigningKey.create(folder.resolve("hospital"));
        ModelSignature.of(file, key).writeBeside(file);
    }

    private List<VerifyingKey> trusted() {
        return List.of(VerifyingKey.read(folder.resolve("hospital.pub.pem")));
    }

    private String refusal() {
        String message = assertThrows(InvalidFileException.class, () -> ModelSignature.verify(file, trusted()))
                .getMessage();
        assertEquals(1, message.lines().count(), message);
        try (PointerScope scope = new PointerScope()) {
            Device cpu = new Device("cpu");
            assertEquals(
                    message,
                    assertThrows(InvalidFileException.class, () -> ModelFile.load(file, trusted(), cpu))
                            .getMessage());
        }
        return message;
    }

    @Test
    void aSignedModelIsVerifiedAndLoaded() {
        assertEquals(
                key.verifyingKey().id(), ModelSignature.verify(file, trusted()).id());
        try (PointerScope scope = new PointerScope();
                LoadedModel loaded = ModelFile.load(file, trusted(), new Device("cpu"))) {
            assertEquals(model.hash(), loaded.model().hash());
        }
    }

    @Test
    void theSameKeySignsTheSameFileWithTheSameBytes() {
        ModelSignature again = ModelSignature.of(file, SigningKey.read(folder.resolve("hospital.pem")));
        assertEquals(ModelSignature.beside(file).orElseThrow(), again);
    }

    /** The key pair and the signature of RFC 8032, section 7.1, test 2. */
    @Test
    void keysAndSignaturesAreThoseOfRfc8032() throws IOException {
        Files.writeString(
                folder.resolve("rfc.pem"),
                Pem.encode(
                        "PRIVATE KEY",
                        bytes("302e020100300506032b657004220420"
                                + "4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb")));
        Files.writeString(
                folder.resolve("rfc.pub.pem"),
                Pem.encode(
                        "PUBLIC KEY",
                        bytes("302a300506032b6570032100"
                                + "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c")));
        SigningKey rfc = SigningKey.read(folder.resolve("rfc.pem"));
        assertEquals(
                VerifyingKey.read(folder.resolve("rfc.pub.pem")).id(),
                rfc.verifyingKey().id());
        assertEquals(
                "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da"
                        + "085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00",
                HexFormat.of().formatHex(rfc.sign(new byte[] {0x72})));
    }

    private static byte[] bytes(String hexadecimal) {
        return HexFormat.of().parseHex(hexadecimal);
    }

    @Test
    void anyChangeOfTheModelIsRefused() throws IOException {
        byte[] bytes = Files.readAllBytes(file);
        for (int seed = 0; seed < 30; seed++) {
            SplittableRandom random = new SplittableRandom(seed);
            byte[] changed = bytes.clone();
            changed[random.nextInt(bytes.length)] ^= (byte) (1 << random.nextInt(8));
            Files.write(file, changed);
            assertTrue(refusal().contains("was changed after it was signed"), "seed " + seed);
        }
    }

    @Test
    void aModelWithoutASignatureIsRefused() throws IOException {
        Files.delete(ModelSignature.fileOf(file));
        assertTrue(refusal().contains("is not signed: there is no student.safetensors.sig beside it"));
    }

    @Test
    void aSignatureOfAnotherKeyIsRefused() {
        SigningKey other = SigningKey.create(folder.resolve("other"));
        ModelSignature.of(file, other).writeBeside(file);
        assertTrue(refusal()
                .contains("is signed with the key " + other.verifyingKey().id()));
    }

    @Test
    void aForgedSignatureIsRefused() throws IOException {
        ModelSignature genuine = ModelSignature.beside(file).orElseThrow();
        byte[] forged = Base64.getDecoder().decode(genuine.signature());
        for (int index : new int[] {0, 31, 32, 63}) {
            byte[] bent = forged.clone();
            bent[index] ^= 1;
            new ModelSignature(
                            genuine.keyId(),
                            genuine.sha256(),
                            Base64.getEncoder().encodeToString(bent))
                    .writeBeside(file);
            assertTrue(refusal().contains("a signature that was not made with the key"));
        }
        // The hash of a changed model under the old signature.
        Files.write(file, new byte[] {1}, StandardOpenOption.APPEND);
        new ModelSignature(genuine.keyId(), Sha256.of(file), genuine.signature()).writeBeside(file);
        assertTrue(refusal().contains("a signature that was not made with the key"));
    }

    @Test
    void aFileThatIsNoSignatureIsRefused() throws IOException {
        Path beside = ModelSignature.fileOf(file);
        String text = Files.readString(beside);
        for (String bad : List.of("", "x", text.replace("/1", "/2"), text + "\n", text.replace("Ed25519", "none"))) {
            Files.writeString(beside, bad);
            String message = assertThrows(InvalidFileException.class, () -> ModelSignature.verify(file, trusted()))
                    .getMessage();
            assertTrue(message.startsWith(beside.toString()), message);
        }
        Files.write(beside, new byte[1 << 20]);
        assertThrows(InvalidFileException.class, () -> ModelSignature.verify(file, trusted()));
    }

    @Test
    void somethingThatIsNoModelIsNotSigned() throws IOException {
        Path notes = Files.writeString(folder.resolve("notes.txt"), "a text that is longer than ten bytes");
        assertThrows(InvalidFileException.class, () -> ModelSignature.of(notes, key));
    }

    @Test
    void keysAreNeverReplacedAndThePrivateOneIsItsOwnersOnly() throws IOException {
        Path secret = folder.resolve("hospital.pem");
        String before = Files.readString(secret);
        assertThrows(PreceptorException.class, () -> SigningKey.create(folder.resolve("hospital")));
        assertEquals(before, Files.readString(secret));
        Files.writeString(folder.resolve("half.pub.pem"), "mine");
        assertThrows(PreceptorException.class, () -> SigningKey.create(folder.resolve("half")));
        assertTrue(!Files.exists(folder.resolve("half.pem")));
        if (secret.getFileSystem().supportedFileAttributeViews().contains("posix")) {
            assertEquals("rw-------", PosixFilePermissions.toString(Files.getPosixFilePermissions(secret)));
        }
    }

    @Test
    void aKeyOfTheWrongKindIsRefusedWithARemedy() throws IOException {
        Path secret = folder.resolve("hospital.pem");
        Path open = folder.resolve("hospital.pub.pem");
        assertTrue(refusalOf(() -> SigningKey.read(open)).contains("it is a public key"));
        assertTrue(refusalOf(() -> VerifyingKey.read(secret)).contains("it is a private key"));
        Path damaged = Files.writeString(folder.resolve("damaged.pem"), Pem.encode("PRIVATE KEY", new byte[] {1, 2}));
        assertTrue(refusalOf(() -> SigningKey.read(damaged)).contains("is not a private Ed25519 key"));
        Path text = Files.writeString(folder.resolve("text.pem"), "hello");
        assertTrue(refusalOf(() -> VerifyingKey.read(text)).contains("has no block"));
    }

    private static String refusalOf(org.junit.jupiter.api.function.Executable reading) {
        return assertThrows(InvalidFileException.class, reading).getMessage();
    }

    @Test
    void opensslChecksTheSignature() throws Exception {
        assumeTrue(runs("openssl", "version"), "skipped: no openssl here");
        List<String> lines = Files.readAllLines(ModelSignature.fileOf(file));
        Path message = Files.writeString(folder.resolve("message"), String.join("\n", lines.subList(0, 4)) + "\n");
        Path signature = Files.write(
                folder.resolve("signature"),
                Base64.getDecoder().decode(lines.get(4).substring("signature: ".length())));
        assertEquals("sha256: " + Sha256.of(file), lines.get(3));
        String[] command = {
            "openssl",
            "pkeyutl",
            "-verify",
            "-rawin",
            "-pubin",
            "-inkey",
            folder.resolve("hospital.pub.pem").toString(),
            "-in",
            message.toString(),
            "-sigfile",
            signature.toString()
        };
        assertTrue(runs(command), "openssl refuses the signature");
        Files.write(message, "x".getBytes(StandardCharsets.UTF_8));
        assertTrue(!runs(command), "openssl accepts a wrong message");
    }

    private static boolean runs(String... command) throws InterruptedException {
        try {
            return new ProcessBuilder(command)
                            .redirectErrorStream(true)
                            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                            .start()
                            .waitFor()
                    == 0;
        } catch (IOException e) {
            return false;
        }
    }
}
