package dev.preceptor.report;

import dev.preceptor.base.AtomicFiles;
import dev.preceptor.html.Palette;
import dev.preceptor.metrics.ConfusionCounts;
import dev.preceptor.volume.LabelMap;
import dev.preceptor.volume.Region;
import dev.preceptor.volume.Volume;
import java.awt.BasicStroke;
import java.awt.Color;
import java.awt.Graphics2D;
import java.awt.RenderingHints;
import java.awt.geom.AffineTransform;
import java.awt.geom.Line2D;
import java.awt.geom.Path2D;
import java.awt.geom.RoundRectangle2D;
import java.awt.image.BufferedImage;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import javax.imageio.ImageIO;

/**
 * One patient in one picture: a row for each image and view with the plain slice, the reference and every candidate side by
 * side, and the outlines of the reference's regions over them. The slices are those where the reference is largest, in radiological
 * orientation (the patient's right on the left) and with square pixels whatever the grid. Above each candidate stands its Dice
 * over the whole volume.
 *
 * @param title the heading
 * @param images by name; the first is shown in two views, and each may lie on a grid of its own
 * @param reference the true labels
 * @param candidates segmentations by name, on the grid of the reference
 */
public record SlicePicture(
        String title, Map<String, Volume> images, LabelMap reference, Map<String, LabelMap> candidates) {
    private static final Map<Region, String> LONG_NAMES = Map.of(
            Region.WT, "WT whole tumour",
            Region.TC, "TC tumour core",
            Region.ET, "ET enhancing tumour",
            Region.RC, "RC resection cavity",
            Region.CC, "CC cystic component");

    private static final int PANEL_WIDTH = 300;
    private static final int GAP = 12;
    private static final int MARGIN = 28;
    private static final int HEAD = 108;
    private static final int FOOT = 56;

    /** @throws dev.preceptor.base.MismatchException if a candidate lies on another grid than the reference */
    public SlicePicture {
        images = Collections.unmodifiableMap(new LinkedHashMap<>(images));
        candidates = Collections.unmodifiableMap(new LinkedHashMap<>(candidates));
        if (images.isEmpty()) {
            throw new IllegalArgumentException("a picture needs an image");
        }
        for (Map.Entry<String, LabelMap> candidate : candidates.entrySet()) {
            candidate.getValue().grid().requireMatches(reference.grid(), candidate.getKey(), "the reference");
        }
    }

    private List<Region> regions() {
        return reference.schema().regions();
    }

    /** Writes a PNG, whole or not at all. */
    public void write(Path file) {
        BufferedImage picture = draw();
        AtomicFiles.write(file, out -> ImageIO.write(picture, "png", out));
    }

    /** Draws the picture. */
    public BufferedImage draw() {
        List<Strip> strips = strips();
        int columns = 2 + candidates.size();
        int height = HEAD + FOOT + (strips.size() - 1) * GAP;
        for (Strip strip : strips) {
            height += strip.plane().height();
        }
        int width = 2 * MARGIN + columns * PANEL_WIDTH + (columns - 1) * GAP;
        BufferedImage picture = new BufferedImage(width, height, BufferedImage.TYPE_INT_RGB);
        Graphics2D canvas = picture.createGraphics();
        try {
            canvas.setRenderingHint(RenderingHints.KEY_ANTIALIASING, RenderingHints.VALUE_ANTIALIAS_ON);
            canvas.setRenderingHint(RenderingHints.KEY_STROKE_CONTROL, RenderingHints.VALUE_STROKE_PURE);
            canvas.setColor(Palette.GROUND);
            canvas.fillRect(0, 0, width, height);
            Pen pen = new Pen(canvas, VectorFont.load());
            head(pen);
            int y = HEAD;
            for (Strip strip : strips) {
                strip(pen, strip, y);
                y += strip.plane().height() + GAP;
            }
            foot(pen, height, strips.get(0).plane().pixelsPerMm(), width);
        } finally {
            canvas.dispose();
        }
        return picture;
    }

    private record Strip(String name, Volume image, SlicePlane plane) {}

    private record Pen(Graphics2D canvas, VectorFont font) {
        void text(String text, double size, Color colour, double x, double y) {
            canvas.setColor(colour);
            canvas.fill(font.text(text, size, x, y));
        }
    }

    private List<Strip> strips() {
        SliceSelection selection = SliceSelection.of(images.values().iterator().next(), reference, candidates.values());
        List<Strip> strips = new ArrayList<>();
        images.forEach((name, image) -> strips.add(new Strip(name, image, selection.plane(View.AXIAL, PANEL_WIDTH))));
        Map.Entry<String, Volume> first = images.entrySet().iterator().next();
        strips.add(new Strip(first.getKey(), first.getValue(), selection.plane(View.CORONAL, PANEL_WIDTH)));
        return strips;
    }

    private void head(Pen pen) {
        pen.text(title, 22, Palette.TEXT, MARGIN, 40);
        List<String> names = new ArrayList<>(List.of("image", "reference"));
        names.addAll(candidates.keySet());
        for (int i = 0; i < names.size(); i++) {
            pen.text(names.get(i), 16, Palette.TEXT, left(i), 76);
        }
        double x = left(1);
        for (Region region : regions()) {
            double ml = reference.mask(region).cardinality() * reference.grid().voxelVolume() / 1000;
            x = figure(pen, region, String.format(Locale.ROOT, "%.1f ml", ml), x);
        }
        int column = 2;
        for (LabelMap candidate : candidates.values()) {
            x = left(column++);
            for (Region region : regions()) {
                x = figure(pen, region, dice(candidate, region), x);
            }
        }
    }

    private double figure(Pen pen, Region region, String figure, double x) {
        pen.text(region.name(), 13, Palette.of(region, regions()), x, 96);
        double at = x + pen.font().width(region.name() + " ", 13);
        pen.text(figure, 13, Palette.TEXT, at, 96);
        return at + pen.font().width(figure, 13) + 12;
    }

    private String dice(LabelMap candidate, Region region) {
        double dice = ConfusionCounts.of(candidate, reference, region).dice();
        return Double.isNaN(dice) ? "none" : String.format(Locale.ROOT, "%.3f", dice);
    }

    private void strip(Pen pen, Strip strip, int y) {
        SlicePlane plane = strip.plane();
        SliceDrawing drawing = new SliceDrawing(plane);
        BufferedImage slice = drawing.image(strip.image(), Palette.GROUND);
        List<LabelMap> overlays = new ArrayList<>();
        overlays.add(null);
        overlays.add(reference);
        overlays.addAll(candidates.values());
        for (int i = 0; i < overlays.size(); i++) {
            int x = left(i);
            pen.canvas().drawImage(slice, x, y, null);
            if (overlays.get(i) != null) {
                overlay(pen.canvas(), overlays.get(i), drawing, x, y);
            }
        }
        int x = left(0);
        pen.text(
                strip.name() + ", " + plane.view().toString().toLowerCase(Locale.ROOT),
                14,
                Palette.TEXT,
                x + 8,
                y + 20);
        String where = String.format(
                Locale.ROOT, "%s = %.0f mm", "xyz".charAt(plane.view().normal()), plane.slice());
        pen.text(where, 11, Palette.FAINT, x + 8, y + 36);
        int middle = y + plane.height() / 2;
        pen.text(plane.view().leftMark(), 12, Palette.FAINT, x + 6, middle);
        pen.text(plane.view().rightMark(), 12, Palette.FAINT, x + PANEL_WIDTH - 16, middle);
    }

    private void overlay(Graphics2D canvas, LabelMap labels, SliceDrawing drawing, int x, int y) {
        for (Region region : regions()) {
            SliceDrawing.RegionSlice slice = drawing.region(labels, region);
            Color colour = Palette.of(region, regions());
            canvas.drawImage(slice.tint(colour), x, y, null);
            Path2D contour = slice.contour();
            contour.transform(AffineTransform.getTranslateInstance(x, y));
            canvas.setStroke(new BasicStroke(1.8f, BasicStroke.CAP_ROUND, BasicStroke.JOIN_ROUND));
            canvas.setColor(colour);
            canvas.draw(contour);
        }
    }

    private void foot(Pen pen, int height, double pixelsPerMm, int width) {
        double y = height - 22;
        double x = MARGIN;
        for (Region region : regions()) {
            pen.canvas().setColor(Palette.of(region, regions()));
            pen.canvas().fill(new RoundRectangle2D.Double(x, y - 11, 12, 12, 4, 4));
            String text = LONG_NAMES.getOrDefault(region, region.name());
            pen.text(text, 13, Palette.TEXT, x + 19, y);
            x += 19 + pen.font().width(text, 13) + 26;
        }
        String scale = "50 mm";
        double length = 50 * pixelsPerMm;
        double end = width - MARGIN;
        double scaleLeft = end - length - 10 - pen.font().width(scale, 12);
        String note = "numbers: Dice against the reference over the whole volume";
        if (x + pen.font().width(note, 12) < scaleLeft - MARGIN) {
            pen.text(note, 12, Palette.FAINT, x, y);
        }
        pen.canvas().setColor(Palette.FAINT);
        pen.canvas().setStroke(new BasicStroke(2f, BasicStroke.CAP_ROUND, BasicStroke.JOIN_ROUND));
        pen.canvas().draw(new Line2D.Double(end - length, y - 4, end, y - 4));
        pen.text(scale, 12, Palette.FAINT, scaleLeft, y);
    }

    private static int left(int column) {
        return MARGIN + column * (PANEL_WIDTH + GAP);
    }
}
