package dev.preceptor.report;

import java.awt.Shape;
import java.awt.geom.AffineTransform;
import java.awt.geom.Path2D;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;

/**
 * Text as shapes. Java runtimes for servers may lack fonts and the library that draws them, so the outlines of DejaVu Sans come
 * from a resource, made by {@code study/scripts/GlyphOutlines.java}. Immutable and thread-safe.
 */
final class VectorFont {
    private record Glyph(double advance, Path2D outline) {}

    private static final double UNITS = 1000;

    private final Map<Integer, Glyph> glyphs;

    private VectorFont(Map<Integer, Glyph> glyphs) {
        this.glyphs = glyphs;
    }

    /** Reads the outlines. */
    static VectorFont load() {
        Map<Integer, Glyph> glyphs = new HashMap<>();
        try (BufferedReader reader = new BufferedReader(
                new InputStreamReader(VectorFont.class.getResourceAsStream("outlines.txt"), StandardCharsets.UTF_8))) {
            reader.lines()
                    .map(line -> line.split(" "))
                    .forEach(parts -> glyphs.put(
                            Integer.parseInt(parts[0]), new Glyph(Integer.parseInt(parts[1]) / UNITS, outline(parts))));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return new VectorFont(glyphs);
    }

    /** The width in pixels of a text of a size in pixels. */
    double width(String text, double size) {
        return text.codePoints().mapToDouble(c -> glyph(c).advance * size).sum();
    }

    /** A text of a size in pixels whose baseline starts at (x, y), y pointing down; {@code ?} stands for unknown characters. */
    Shape text(String text, double size, double x, double y) {
        Path2D all = new Path2D.Double(Path2D.WIND_NON_ZERO);
        double at = x;
        for (int c : text.codePoints().toArray()) {
            Glyph glyph = glyph(c);
            AffineTransform place = AffineTransform.getTranslateInstance(at, y);
            place.scale(size, size);
            all.append(glyph.outline.getPathIterator(place), false);
            at += glyph.advance * size;
        }
        return all;
    }

    private Glyph glyph(int codePoint) {
        return glyphs.getOrDefault(codePoint, glyphs.get((int) '?'));
    }

    private static Path2D outline(String[] parts) {
        Path2D path = new Path2D.Double(Path2D.WIND_NON_ZERO);
        int i = 2;
        while (i < parts.length) {
            String kind = parts[i++];
            int numbers = switch (kind) {
                case "M", "L" -> 2;
                case "Q" -> 4;
                case "C" -> 6;
                default -> 0;
            };
            double[] p = Arrays.stream(parts, i, i + numbers)
                    .mapToDouble(n -> Integer.parseInt(n) / UNITS)
                    .toArray();
            switch (kind) {
                case "M" -> path.moveTo(p[0], p[1]);
                case "L" -> path.lineTo(p[0], p[1]);
                case "Q" -> path.quadTo(p[0], p[1], p[2], p[3]);
                case "C" -> path.curveTo(p[0], p[1], p[2], p[3], p[4], p[5]);
                default -> path.closePath();
            }
            i += numbers;
        }
        return path;
    }
}
