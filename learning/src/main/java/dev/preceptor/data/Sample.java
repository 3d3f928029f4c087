package dev.preceptor.data;

import dev.preceptor.volume.Size;
import java.util.List;

/**
 * One subject on the grid of the model.
 *
 * @param subject its ID
 * @param size extent in voxels
 * @param images one x-fastest array a sequence, in the order of the cohort's use
 * @param classes x-fastest: 0 background, 1 NCR, 2 ED, 3 ET
 * @param foreground the places in {@code classes} that are not background
 */
public record Sample(String subject, Size size, List<float[]> images, byte[] classes, int[] foreground) {
    public Sample {
        images = List.copyOf(images);
    }

    /** A sample with its foreground looked up. */
    public static Sample of(String subject, Size size, List<float[]> images, byte[] classes) {
        int count = 0;
        for (byte label : classes) {
            count += label != 0 ? 1 : 0;
        }
        int[] foreground = new int[count];
        int next = 0;
        for (int i = 0; i < classes.length; i++) {
            if (classes[i] != 0) {
                foreground[next++] = i;
            }
        }
        return new Sample(subject, size, images, classes, foreground);
    }

    /** Bytes held in memory, roughly. */
    public long bytes() {
        return (4L * images.size() + 1) * classes.length + 4L * foreground.length;
    }
}
