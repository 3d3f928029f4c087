package dev.preceptor.service;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.UUID;

/**
 * Content from outside in a file of a random name.
 *
 * @param path the file; its ending is that of its kind
 * @param kind by its first bytes
 * @param bytes its size
 */
record ReceivedFile(Path path, UploadKind kind, long bytes) {
    /** Receives the number of bytes that each step copies; an exception stops the copy. */
    @FunctionalInterface
    interface Meter {
        void onBytes(long count);
    }

    /** Copies a stream to a new file in a folder and forces it to the disk. */
    static ReceivedFile receive(InputStream in, Path folder, Meter meter) throws IOException {
        byte[] head = in.readNBytes(UploadKind.HEAD);
        UploadKind kind = UploadKind.of(head);
        Path path = folder.resolve(UUID.randomUUID() + kind.ending());
        long count = head.length;
        try (FileChannel channel = FileChannel.open(path, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
                OutputStream out = Channels.newOutputStream(channel)) {
            meter.onBytes(head.length);
            out.write(head);
            byte[] buffer = new byte[1 << 16];
            for (int read = in.read(buffer); read >= 0; read = in.read(buffer)) {
                meter.onBytes(read);
                out.write(buffer, 0, read);
                count += read;
            }
            channel.force(true);
        }
        return new ReceivedFile(path, kind, count);
    }

    /** Whether both hold the same bytes. */
    static boolean isSame(Path one, Path other) throws IOException {
        return Files.mismatch(one, other) < 0;
    }
}
