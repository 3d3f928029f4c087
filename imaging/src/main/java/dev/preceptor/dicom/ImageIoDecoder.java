package dev.preceptor.dicom;

import java.awt.image.Raster;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.util.Iterator;
import javax.imageio.ImageIO;
import javax.imageio.ImageReader;
import javax.imageio.stream.ImageInputStream;
import javax.imageio.stream.MemoryCacheImageInputStream;

/** Decodes a frame by Java's ImageIO: baseline JPEG by that of the JDK, JPEG 2000 where a plug-in is on the class path. Stateless. */
final class ImageIoDecoder {
    private ImageIoDecoder() {}

    /** Whether a reader of this ImageIO format, such as {@code jpeg2000}, is there. */
    static boolean has(String format) {
        return ImageIO.getImageReadersByFormatName(format).hasNext();
    }

    /**
     * Decodes one frame of one component.
     *
     * @return the samples row by row, as the reader gives them
     * @throws IOException with the reason, if the bytes are damaged or not of this size
     */
    static int[] decode(byte[] coded, String format, int width, int height) throws IOException {
        Iterator<ImageReader> readers = ImageIO.getImageReadersByFormatName(format);
        if (!readers.hasNext()) {
            throw new IOException("no ImageIO reader for " + format);
        }
        ImageReader reader = readers.next();
        try (ImageInputStream in = new MemoryCacheImageInputStream(new ByteArrayInputStream(coded))) {
            reader.setInput(in);
            requireSize(reader.getWidth(0), reader.getHeight(0), width, height);
            Raster raster = reader.canReadRaster()
                    ? reader.readRaster(0, null)
                    : reader.read(0).getRaster();
            requireSize(raster.getWidth(), raster.getHeight(), width, height);
            if (raster.getNumBands() != 1) {
                throw new IOException("they have " + raster.getNumBands() + " components; only grey images are read");
            }
            return raster.getSamples(raster.getMinX(), raster.getMinY(), width, height, 0, new int[width * height]);
        } catch (IOException e) {
            throw e;
        } catch (Exception | Error e) {
            // Foreign decoders answer damaged bytes with exceptions and errors of any kind.
            if (e instanceof VirtualMachineError) {
                throw (Error) e;
            }
            throw new IOException("the decoder cannot read them", e);
        } finally {
            reader.dispose();
        }
    }

    private static void requireSize(int columns, int rows, int width, int height) throws IOException {
        if (columns != width || rows != height) {
            throw new IOException("they are " + columns + "x" + rows + ", not " + width + "x" + height);
        }
    }
}
