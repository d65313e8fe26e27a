package org.palimpsest.core.internal.text;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.IntStream;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.From;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;

/** What a mistyped name is answered with. */
class SuggestionsPropertiesTest {

  private static final List<String> LAYERS =
      List.of("enc1.conv1", "enc1.conv2", "enc2.conv1", "dec1.conv1", "bottleneck", "out");

  @Provide
  Arbitrary<String> names() {
    return Arbitraries.strings().withChars("abcE1.").ofMinLength(1).ofMaxLength(8);
  }

  /** By its definition: the last letters are equal, or one is changed, inserted or removed. */
  private static int distance(String a, String b) {
    if (a.isEmpty() || b.isEmpty()) {
      return a.length() + b.length();
    }
    String shortA = a.substring(1);
    String shortB = b.substring(1);
    if (a.charAt(0) == b.charAt(0)) {
      return distance(shortA, shortB);
    }
    return 1
        + Math.min(distance(shortA, shortB), Math.min(distance(a, shortB), distance(shortA, b)));
  }

  @Property(tries = 100)
  void theNearestComeFirst(
      @ForAll("names") String asked, @ForAll @Size(max = 9) List<@From("names") String> known) {
    String wanted = asked.toLowerCase(Locale.ROOT);
    List<String> nearest = Suggestions.nearest(asked, known);
    assertThat(nearest).isSubsetOf(known).doesNotHaveDuplicates();
    assertThat(nearest).hasSize((int) Math.min(5, known.stream().distinct().count()));
    List<int[]> ranks = new ArrayList<>();
    for (String one : nearest) {
      String lower = one.toLowerCase(Locale.ROOT);
      ranks.add(new int[] {lower.contains(wanted) ? 0 : 1, distance(wanted, lower)});
    }
    for (int i = 1; i < ranks.size(); i++) {
      assertThat(100 * ranks.get(i)[0] + ranks.get(i)[1])
          .isGreaterThanOrEqualTo(100 * ranks.get(i - 1)[0] + ranks.get(i - 1)[1]);
    }
    int last =
        ranks.isEmpty() ? 0 : 100 * ranks.get(ranks.size() - 1)[0] + ranks.get(ranks.size() - 1)[1];
    for (String one : known) {
      String lower = one.toLowerCase(Locale.ROOT);
      if (!nearest.contains(one)) {
        assertThat(100 * (lower.contains(wanted) ? 0 : 1) + distance(wanted, lower))
            .isGreaterThanOrEqualTo(last);
      }
    }
  }

  @Property(tries = 100)
  void oneWrongLetterIsASlip(
      @ForAll @IntRange(min = 0, max = 5) int layer,
      @ForAll @IntRange(min = 0, max = 9) int place) {
    String name = LAYERS.get(layer);
    StringBuilder mistyped = new StringBuilder(name);
    mistyped.setCharAt(place % name.length(), '#');
    assertThat(Suggestions.nearest(mistyped.toString(), LAYERS).subList(0, 2)).contains(name);
    assertThat(Suggestions.slips(mistyped.toString(), LAYERS)).contains(name).hasSizeLessThan(3);
  }

  @Test
  void slipsAreNearAndTwoAtMost() {
    assertThat(Suggestions.slips("enc1.conv", LAYERS)).containsExactly("enc1.conv1", "enc1.conv2");
    assertThat(Suggestions.slips("BOTTLENECK", LAYERS)).containsExactly("bottleneck");
    assertThat(Suggestions.slips("bott", LAYERS)).containsExactly("bottleneck");
    assertThat(Suggestions.slips("bot", LAYERS)).doesNotContain("bottleneck");
    assertThat(Suggestions.slips("something else", LAYERS)).isEmpty();
    assertThat(Suggestions.slips("x", List.of())).isEmpty();
    assertThat(Suggestions.nearest("conv2", LAYERS).get(0)).isEqualTo("enc1.conv2");
    List<String> many = IntStream.range(0, 30).mapToObj(i -> "layer" + i).toList();
    assertThat(Suggestions.nearest("layer7", many)).hasSize(5).startsWith("layer7");
  }
}
