package org.palimpsest.report.plot;

import java.awt.image.BufferedImage;
import java.awt.image.DataBuffer;
import java.awt.image.IndexColorModel;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** A picture with a palette of 256 colours. */
final class FewColours {

  private static final int MOST = 256;

  /** How many of the most frequent colours are kept as they are. */
  private static final int EXACT = 160;

  private static final int OPAQUE = 0xffffff;

  private FewColours() {}

  static BufferedImage of(BufferedImage image) {
    int width = image.getWidth();
    int height = image.getHeight();
    int[] pixels = image.getRGB(0, 0, width, height, null, 0, width);
    int[] palette = palette(pixels);
    IndexColorModel model =
        new IndexColorModel(8, palette.length, palette, 0, false, -1, DataBuffer.TYPE_BYTE);
    BufferedImage indexed =
        new BufferedImage(width, height, BufferedImage.TYPE_BYTE_INDEXED, model);
    byte[] places = new byte[pixels.length];
    Map<Integer, Byte> nearest = new HashMap<>();
    int end;
    for (int start = 0; start < pixels.length; start = end) {
      end = endOfRun(pixels, start);
      byte place =
          nearest.computeIfAbsent(
              pixels[start] & OPAQUE, colour -> (byte) nearest(colour, palette));
      Arrays.fill(places, start, end, place);
    }
    indexed.getRaster().setDataElements(0, 0, width, height, places);
    return indexed;
  }

  /** Pixels of one colour lie in long runs, which makes this quick. */
  private static int endOfRun(int[] pixels, int from) {
    int end = from + 1;
    while (end < pixels.length && pixels[end] == pixels[from]) {
      end++;
    }
    return end;
  }

  /** The frequent colours, and of the others as many as it takes to have one near each. */
  private static int[] palette(int[] pixels) {
    Map<Integer, Integer> counts = new HashMap<>();
    int end;
    for (int start = 0; start < pixels.length; start = end) {
      end = endOfRun(pixels, start);
      counts.merge(pixels[start] & OPAQUE, end - start, Integer::sum);
    }
    List<Integer> frequentFirst = new ArrayList<>(counts.keySet());
    frequentFirst.sort(
        Comparator.<Integer>comparingInt(colour -> -counts.getOrDefault(colour, 0))
            .thenComparingInt(colour -> colour));
    int apart = 1;
    List<Integer> chosen = frequentFirst;
    while (chosen.size() > MOST) {
      apart *= 2;
      chosen = apart(frequentFirst, apart);
    }
    return chosen.stream().mapToInt(Integer::intValue).toArray();
  }

  private static List<Integer> apart(List<Integer> colours, int least) {
    int[] chosen = new int[MOST + 1];
    int count = 0;
    for (int colour : colours) {
      if (count < EXACT || count <= MOST && isApart(colour, chosen, count, least)) {
        chosen[count++] = colour;
      }
    }
    return Arrays.stream(chosen, 0, count).boxed().toList();
  }

  private static boolean isApart(int colour, int[] chosen, int count, int least) {
    for (int i = 0; i < count; i++) {
      if (distance(colour, chosen[i]) < least) {
        return false;
      }
    }
    return true;
  }

  private static int nearest(int colour, int[] palette) {
    int best = 0;
    for (int i = 1; i < palette.length; i++) {
      if (distance(colour, palette[i]) < distance(colour, palette[best])) {
        best = i;
      }
    }
    return best;
  }

  private static int distance(int a, int b) {
    int red = (a >> 16) - (b >> 16);
    int green = (a >> 8 & 0xff) - (b >> 8 & 0xff);
    int blue = (a & 0xff) - (b & 0xff);
    return red * red + green * green + blue * blue;
  }
}
