import java.awt.Font;
import java.awt.Shape;
import java.awt.font.FontRenderContext;
import java.awt.font.GlyphVector;
import java.awt.geom.PathIterator;
import java.io.File;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;

/**
 * Prints the outlines of the printable ASCII characters and a few more of a TrueType font, for pictures drawn by a Java that
 * has no fonts: {@code java study/scripts/GlyphOutlines.java DejaVuSans.ttf > outlines.txt}. A line a character: its code,
 * its advance and its path (M, L, Q, C, Z with coordinates, y down) in thousandths of the font size.
 */
public final class GlyphOutlines {
    public static void main(String[] arguments) throws Exception {
        Font font = Font.createFont(Font.TRUETYPE_FONT, new File(arguments[0])).deriveFont(1000f);
        FontRenderContext context = new FontRenderContext(null, true, true);
        PrintStream out = new PrintStream(System.out, true, StandardCharsets.UTF_8);
        String more = "\u00b1\u00b7\u00d7\u2013\u2192";
        for (int c = 32; c < 127 + more.length(); c++) {
            int code = c < 127 ? c : more.charAt(c - 127);
            GlyphVector glyph = font.createGlyphVector(context, Character.toString(code));
            StringBuilder line = new StringBuilder();
            line.append(code).append(' ').append(Math.round(glyph.getGlyphMetrics(0).getAdvanceX()));
            append(line, glyph.getOutline());
            out.println(line);
        }
    }

    private static void append(StringBuilder line, Shape outline) {
        double[] at = new double[6];
        for (PathIterator i = outline.getPathIterator(null); !i.isDone(); i.next()) {
            int kind = i.currentSegment(at);
            int numbers = new int[] {2, 2, 4, 6, 0}[kind];
            line.append(' ').append("MLQCZ".charAt(kind));
            for (int n = 0; n < numbers; n++) {
                line.append(' ').append(Math.round(at[n]));
            }
        }
    }
}
