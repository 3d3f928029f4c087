package dev.preceptor.report;

import dev.preceptor.base.AtomicFiles;
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
import java.util.BitSet;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import javax.imageio.ImageIO;

/**
 * One patient on one page: a row for each image and view, and in it the plain slice, the reference and every candidate side
 * by side with the contours of WT, TC and ET. The slices are those where the reference is largest; they are drawn in the
 * radiological manner (the patient's right on the left) with true proportions, whatever the grid. Candidates are headed by
 * their Dice over the whole volume.
 *
 * @param title the heading
 * @param images the images by name, the first shown in two views; each may lie on a grid of its own
 * @param reference the true tumour
 * @param candidates segmentations to be compared by name, on the reference's grid
 */
public record SlicePicture(
        String title, Map<String, Volume> images, LabelMap reference, Map<String, LabelMap> candidates) {
    private static final Color GROUND = new Color(0x0d1117);
    private static final Color TEXT = new Color(0xe6edf3);
    private static final Color FAINT = new Color(0x8b949e);
    private static final Map<Region, Color> COLOURS = colours();
    private static final Map<Region, String> NAMES =
            Map.of(Region.WT, "whole tumour", Region.TC, "tumour core", Region.ET, "enhancing tumour");

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

    /** Writes a PNG, whole or not at all. */
    public void write(Path file) {
        BufferedImage picture = draw();
        AtomicFiles.write(file, out -> ImageIO.write(picture, "png", out));
    }

    /** Draws the page. */
    public BufferedImage draw() {
        List<Row> rows = rows();
        int columns = 2 + candidates.size();
        int height = HEAD + FOOT + (rows.size() - 1) * GAP;
        for (Row row : rows) {
            height += row.plane().height();
        }
        int width = 2 * MARGIN + columns * PANEL_WIDTH + (columns - 1) * GAP;
        BufferedImage picture = new BufferedImage(width, height, BufferedImage.TYPE_INT_RGB);
        Graphics2D canvas = picture.createGraphics();
        try {
            canvas.setRenderingHint(RenderingHints.KEY_ANTIALIASING, RenderingHints.VALUE_ANTIALIAS_ON);
            canvas.setRenderingHint(RenderingHints.KEY_STROKE_CONTROL, RenderingHints.VALUE_STROKE_PURE);
            canvas.setColor(GROUND);
            canvas.fillRect(0, 0, width, height);
            Pen pen = new Pen(canvas, VectorFont.load());
            head(pen);
            int y = HEAD;
            for (Row row : rows) {
                row(pen, row, y);
                y += row.plane().height() + GAP;
            }
            foot(pen, height, rows.get(0).plane().pixelsPerMm(), width);
        } finally {
            canvas.dispose();
        }
        return picture;
    }

    private record Row(String name, Volume image, SlicePlane plane) {}

    private record Pen(Graphics2D canvas, VectorFont lettering) {
        void text(String text, double size, Color colour, double x, double y) {
            canvas.setColor(colour);
            canvas.fill(lettering.text(text, size, x, y));
        }
    }

    private List<Row> rows() {
        SliceSelection sliceSelection =
                SliceSelection.of(images.values().iterator().next(), reference, candidates.values());
        List<Row> rows = new ArrayList<>();
        images.forEach((name, image) -> rows.add(new Row(name, image, sliceSelection.plane(View.AXIAL, PANEL_WIDTH))));
        Map.Entry<String, Volume> first = images.entrySet().iterator().next();
        rows.add(new Row(first.getKey(), first.getValue(), sliceSelection.plane(View.CORONAL, PANEL_WIDTH)));
        return rows;
    }

    private void head(Pen pen) {
        pen.text(title, 22, TEXT, MARGIN, 40);
        List<String> names = new ArrayList<>(List.of("image", "reference"));
        names.addAll(candidates.keySet());
        for (int i = 0; i < names.size(); i++) {
            pen.text(names.get(i), 16, TEXT, left(i), 76);
        }
        double x = left(1);
        for (Region region : Region.BRATS) {
            double ml = reference.mask(region).cardinality() * reference.grid().voxelVolume() / 1000;
            x = figure(pen, region, String.format(Locale.ROOT, "%.1f ml", ml), x);
        }
        int column = 2;
        for (LabelMap candidate : candidates.values()) {
            x = left(column++);
            for (Region region : Region.BRATS) {
                x = figure(pen, region, dice(candidate, region), x);
            }
        }
    }

    private static double figure(Pen pen, Region region, String figure, double x) {
        pen.text(region.name(), 13, COLOURS.get(region), x, 96);
        double at = x + pen.lettering().width(region.name() + " ", 13);
        pen.text(figure, 13, TEXT, at, 96);
        return at + pen.lettering().width(figure, 13) + 12;
    }

    private String dice(LabelMap candidate, Region region) {
        double dice = ConfusionCounts.of(candidate, reference, region).dice();
        return Double.isNaN(dice) ? "none" : String.format(Locale.ROOT, "%.3f", dice);
    }

    private void row(Pen pen, Row row, int y) {
        SlicePlane plane = row.plane();
        float[] field = plane.sample(row.image().grid(), i -> row.image().voxels()[i]);
        BufferedImage slice = Window.of(row.image()).render(field, plane.width(), plane.height(), GROUND);
        List<LabelMap> overlays = new ArrayList<>();
        overlays.add(null);
        overlays.add(reference);
        overlays.addAll(candidates.values());
        for (int i = 0; i < overlays.size(); i++) {
            int x = left(i);
            pen.canvas().drawImage(slice, x, y, null);
            if (overlays.get(i) != null) {
                overlay(pen.canvas(), overlays.get(i), plane, x, y);
            }
        }
        int x = left(0);
        pen.text(row.name() + ", " + plane.view().toString().toLowerCase(Locale.ROOT), 14, TEXT, x + 8, y + 20);
        String where = String.format(
                Locale.ROOT, "%s = %.0f mm", "xyz".charAt(plane.view().normal()), plane.slice());
        pen.text(where, 11, FAINT, x + 8, y + 36);
        int middle = y + plane.height() / 2;
        pen.text(plane.view().leftMark(), 12, FAINT, x + 6, middle);
        pen.text(plane.view().rightMark(), 12, FAINT, x + PANEL_WIDTH - 16, middle);
    }

    private static void overlay(Graphics2D canvas, LabelMap labels, SlicePlane plane, int x, int y) {
        for (Region region : Region.BRATS) {
            BitSet mask = labels.mask(region);
            float[] share = plane.sample(labels.grid(), i -> mask.get(i) ? 1 : 0);
            Color colour = COLOURS.get(region);
            canvas.drawImage(Window.tint(share, plane.width(), plane.height(), colour), x, y, null);
            Path2D contour = Contour.of(share, plane.width(), plane.height(), 0.5f);
            contour.transform(AffineTransform.getTranslateInstance(x, y));
            canvas.setStroke(new BasicStroke(1.8f, BasicStroke.CAP_ROUND, BasicStroke.JOIN_ROUND));
            canvas.setColor(colour);
            canvas.draw(contour);
        }
    }

    private void foot(Pen pen, int height, double pixelsPerMm, int width) {
        double y = height - 22;
        double x = MARGIN;
        for (Region region : Region.BRATS) {
            pen.canvas().setColor(COLOURS.get(region));
            pen.canvas().fill(new RoundRectangle2D.Double(x, y - 11, 12, 12, 4, 4));
            String text = region.name() + " " + NAMES.get(region);
            pen.text(text, 13, TEXT, x + 19, y);
            x += 19 + pen.lettering().width(text, 13) + 26;
        }
        pen.text("figures: Dice against the reference over the whole volume", 12, FAINT, x, y);
        double length = 50 * pixelsPerMm;
        double end = width - MARGIN;
        pen.canvas().setColor(FAINT);
        pen.canvas().setStroke(new BasicStroke(2f, BasicStroke.CAP_ROUND, BasicStroke.JOIN_ROUND));
        pen.canvas().draw(new Line2D.Double(end - length, y - 4, end, y - 4));
        String scale = "50 mm";
        pen.text(scale, 12, FAINT, end - length - 10 - pen.lettering().width(scale, 12), y);
    }

    private static int left(int column) {
        return MARGIN + column * (PANEL_WIDTH + GAP);
    }

    private static Map<Region, Color> colours() {
        return Map.of(Region.WT, new Color(0x3fd68f), Region.TC, new Color(0xffb02e), Region.ET, new Color(0xff4d8d));
    }
}
