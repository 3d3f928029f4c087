package dev.preceptor.html;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.preceptor.volume.LabelClass;
import dev.preceptor.volume.Region;
import java.awt.Color;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class PaletteTest {
    private static Region region(String name) {
        return Region.of(name, LabelClass.NCR);
    }

    @Test
    void theRegionsOfBratsKeepTheirColoursInAnyCompany() {
        assertEquals(new Color(0x4fb3f6), Palette.of(Region.WT, Region.BRATS));
        assertEquals(new Color(0xf5d547), Palette.of(Region.TC, Region.BRATS));
        assertEquals(new Color(0xff6f91), Palette.of(Region.ET, Region.BRATS));
        List<Region> mixed = List.of(region("lesion"), Region.ET, Region.WT);
        assertEquals(Palette.of(Region.ET, Region.BRATS), Palette.of(Region.ET, mixed));
        assertEquals("wt", Palette.style(Region.WT, mixed));
    }

    @Test
    void regionsOfAnyNameHaveColoursThatDiffer() {
        List<Region> regions = new ArrayList<>(List.of(Region.TC, Region.RC));
        IntStream.range(0, 40).forEach(i -> regions.add(region("region <" + i + "> with words")));
        Set<Color> colours = new HashSet<>();
        regions.forEach(region -> colours.add(Palette.of(region, regions)));
        assertEquals(regions.size(), colours.size());
    }

    @Test
    void theStyleSheetHasTheColourOfEveryClass() {
        List<Region> regions =
                IntStream.range(0, 30).mapToObj(i -> region("whole tumor " + i)).toList();
        for (Region region : regions) {
            String rule = String.format(
                    ".%s { --region: #%06x; }",
                    Palette.style(region, regions), Palette.of(region, regions).getRGB() & 0xffffff);
            assertTrue(Palette.css().contains(rule), rule);
        }
    }
}
