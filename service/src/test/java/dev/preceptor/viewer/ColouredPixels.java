package dev.preceptor.viewer;

import java.awt.Color;
import java.awt.Rectangle;
import java.awt.image.BufferedImage;

/** Counts pixels of a colour in a part of a screenshot. */
final class ColouredPixels {
    private static final int TOLERANCE = 24;

    private ColouredPixels() {}

    static int count(BufferedImage screenshot, Rectangle part, Color colour) {
        int count = 0;
        for (int y = part.y; y < part.y + part.height; y++) {
            for (int x = part.x; x < part.x + part.width; x++) {
                Color pixel = new Color(screenshot.getRGB(x, y));
                boolean isNear = Math.abs(pixel.getRed() - colour.getRed()) <= TOLERANCE
                        && Math.abs(pixel.getGreen() - colour.getGreen()) <= TOLERANCE
                        && Math.abs(pixel.getBlue() - colour.getBlue()) <= TOLERANCE;
                count += isNear ? 1 : 0;
            }
        }
        return count;
    }

    /** The left or the right half of a part. */
    static Rectangle half(Rectangle part, boolean isLeft) {
        int middle = part.width / 2;
        return new Rectangle(isLeft ? part.x : part.x + middle, part.y, middle, part.height);
    }
}
