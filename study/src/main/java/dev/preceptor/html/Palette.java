package dev.preceptor.html;

import dev.preceptor.volume.Region;
import java.awt.Color;
import java.util.Locale;
import java.util.Map;

/**
 * The colours of regions, the same in pictures and on pages. Those of WT, TC and ET can be told apart by colour-blind readers,
 * by lightness too, on the dark ground of a slice. Stateless.
 */
public final class Palette {
    /** Behind slices in pictures. */
    public static final Color GROUND = new Color(0x0d1117);

    /** Of text in pictures. */
    public static final Color TEXT = new Color(0xe6edf3);

    /** Of secondary text in pictures. */
    public static final Color FAINT = new Color(0x8b949e);

    private static final Map<Region, Color> REGIONS = Map.of(
            Region.WT, new Color(0x4fb3f6),
            Region.TC, new Color(0xf5d547),
            Region.ET, new Color(0xff6f91),
            Region.NETC, new Color(0x8ce99a),
            Region.SNFH, new Color(0xc9a0ff),
            Region.RC, new Color(0xffa94d));

    private Palette() {}

    /** The colour of a region; {@link #FAINT} for one that is not scored by any BraTS challenge. */
    public static Color of(Region region) {
        return REGIONS.getOrDefault(region, FAINT);
    }

    /** The class of a region in the style sheet. */
    public static String style(Region region) {
        return style(region.name());
    }

    /** The class of a region in the style sheet, by the region's name. */
    public static String style(String region) {
        return region.toLowerCase(Locale.ROOT);
    }

    /** The rules of the style sheet that give the classes of regions their colours. */
    static String css() {
        StringBuilder css = new StringBuilder();
        for (Region region : Region.BRATS_2024) {
            int rgb = of(region).getRGB() & 0xffffff;
            css.append(String.format(Locale.ROOT, ".%s { --region: #%06x; }\n", style(region), rgb));
        }
        return css.toString();
    }
}
