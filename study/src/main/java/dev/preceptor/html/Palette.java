package dev.preceptor.html;

import dev.preceptor.volume.Region;
import java.awt.Color;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * The colours of regions, the same in pictures and on pages. Those of WT, TC and ET can be told apart by colour-blind readers,
 * by lightness too, on the dark ground of a slice. Regions of any other name have a colour by their place among the regions of
 * their label space. Stateless.
 */
public final class Palette {
    /** Behind slices in pictures. */
    public static final Color GROUND = new Color(0x0d1117);

    /** Of text in pictures. */
    public static final Color TEXT = new Color(0xe6edf3);

    /** Of secondary text in pictures. */
    public static final Color FAINT = new Color(0x8b949e);

    private static final Map<String, Color> NAMED = named();

    /** By place, for regions without a colour of their own; the first are those of the named regions. */
    private static final List<Color> BY_PLACE = byPlace(64);

    private Palette() {}

    private static Map<String, Color> named() {
        Map<String, Color> colours = new LinkedHashMap<>();
        colours.put("WT", new Color(0x4fb3f6));
        colours.put("TC", new Color(0xf5d547));
        colours.put("ET", new Color(0xff6f91));
        colours.put("NETC", new Color(0x8ce99a));
        colours.put("SNFH", new Color(0xc9a0ff));
        colours.put("RC", new Color(0xffa94d));
        return colours;
    }

    /**
     * The colour of a region among all regions of its label space: its own if a BraTS challenge scores a region of this name,
     * else one that no other of the first 64 regions has.
     *
     * @throws IllegalArgumentException if the region is none of them
     */
    public static Color of(Region region, List<Region> all) {
        Color own = NAMED.get(region.name());
        return own == null ? BY_PLACE.get(place(region, all)) : own;
    }

    /** The class of a region in the style sheet. */
    public static String style(Region region) {
        return style(region.name());
    }

    /** The class of a region in the style sheet, by the region's name. */
    public static String style(String region) {
        return region.toLowerCase(Locale.ROOT);
    }

    /** The class that gives a region the colour {@link #of(Region, List)}, whatever characters its name has. */
    public static String style(Region region, List<Region> all) {
        return NAMED.containsKey(region.name()) ? style(region) : "region-" + place(region, all);
    }

    /** The rules of the style sheet that give the classes of regions their colours. */
    static String css() {
        StringBuilder css = new StringBuilder();
        NAMED.forEach((name, colour) -> rule(css, style(name), colour));
        for (int i = 0; i < BY_PLACE.size(); i++) {
            rule(css, "region-" + i, BY_PLACE.get(i));
        }
        return css.toString();
    }

    private static void rule(StringBuilder css, String style, Color colour) {
        css.append(String.format(Locale.ROOT, ".%s { --region: #%06x; }\n", style, colour.getRGB() & 0xffffff));
    }

    /** Among the colours by place: the colours of named regions of the same label space are skipped. */
    private static int place(Region region, List<Region> all) {
        int place = all.indexOf(region);
        if (place < 0) {
            throw new IllegalArgumentException(region + " is none of " + all);
        }
        List<Color> taken = new ArrayList<>();
        all.forEach(other -> taken.add(NAMED.get(other.name())));
        int unnamed = (int) all.subList(0, place).stream()
                .filter(other -> !NAMED.containsKey(other.name()))
                .count();
        List<Integer> free = new ArrayList<>();
        for (int i = 0; i < BY_PLACE.size(); i++) {
            if (!taken.contains(BY_PLACE.get(i))) {
                free.add(i);
            }
        }
        return free.get(unnamed % free.size());
    }

    /** The named colours, then each time the candidate that is farthest from those chosen before. */
    private static List<Color> byPlace(int count) {
        List<Color> candidates = new ArrayList<>();
        for (int hue = 0; hue < 360; hue += 10) {
            for (float saturation : new float[] {0.3f, 0.5f, 0.75f}) {
                for (float brightness : new float[] {0.7f, 0.85f, 1}) {
                    candidates.add(Color.getHSBColor(hue / 360f, saturation, brightness));
                }
            }
        }
        List<Color> chosen = new ArrayList<>(NAMED.values());
        double[] nearest = new double[candidates.size()];
        Arrays.fill(nearest, Double.MAX_VALUE);
        chosen.forEach(colour -> approach(nearest, candidates, colour));
        while (chosen.size() < count) {
            int farthest = 0;
            for (int i = 1; i < nearest.length; i++) {
                farthest = nearest[i] > nearest[farthest] ? i : farthest;
            }
            chosen.add(candidates.get(farthest));
            approach(nearest, candidates, candidates.get(farthest));
        }
        return List.copyOf(chosen);
    }

    private static void approach(double[] nearest, List<Color> candidates, Color chosen) {
        for (int i = 0; i < nearest.length; i++) {
            nearest[i] = Math.min(nearest[i], distance(candidates.get(i), chosen));
        }
    }

    /** As the eye sees it, in the Oklab space (Ottosson 2020); lightness counts double, for colour-blind readers. */
    private static double distance(Color a, Color b) {
        double[] p = oklab(a);
        double[] q = oklab(b);
        return Math.hypot(2 * (p[0] - q[0]), Math.hypot(p[1] - q[1], p[2] - q[2]));
    }

    private static double[] oklab(Color colour) {
        double r = linear(colour.getRed());
        double g = linear(colour.getGreen());
        double b = linear(colour.getBlue());
        double l = Math.cbrt(0.4122214708 * r + 0.5363325363 * g + 0.0514459929 * b);
        double m = Math.cbrt(0.2119034982 * r + 0.6806995451 * g + 0.1073969566 * b);
        double s = Math.cbrt(0.0883024619 * r + 0.2817188376 * g + 0.6299787005 * b);
        return new double[] {
            0.2104542553 * l + 0.7936177850 * m - 0.0040720468 * s,
            1.9779984951 * l - 2.4285922050 * m + 0.4505937099 * s,
            0.0259040371 * l + 0.7827717662 * m - 0.8086757660 * s
        };
    }

    private static double linear(int level) {
        double value = level / 255.0;
        return value <= 0.04045 ? value / 12.92 : Math.pow((value + 0.055) / 1.055, 2.4);
    }
}
