package org.palimpsest.internal.text;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class NamesTest {

  @ParameterizedTest
  @CsvSource({
    "runs/a.pt, runs/b.pt, a.pt, b.pt",
    "x/net.pt, y/net.pt, x/net.pt, y/net.pt",
    "/r/x/fold_0/net.pt, /r/y/fold_0/net.pt, x/…/net.pt, y/…/net.pt",
    "/r/x/p/net.pt, /r/y/q/net.pt, p/net.pt, q/net.pt",
    "net.pt, y/net.pt, net.pt, y/net.pt",
    "x/net.pt, x/net.pt, net.pt, net.pt",
    "C:\\x\\net.pt, C:\\y\\net.pt, x/net.pt, y/net.pt",
  })
  void pathsAreToldApartByTheirShortestEnds(String one, String other, String first, String second) {
    assertThat(Names.apart(one, other)).containsExactly(first, second);
    assertThat(Names.apart(other, one)).containsExactly(second, first);
  }

  @Test
  void fewKnownNamesAreAllToldOfManyTheNearest() {
    assertThat(Names.known("x", List.of("a"))).isEqualTo("a is");
    assertThat(Names.known("x", List.of("a", "b", "c"))).isEqualTo("a, b and c are");
    List<String> many = IntStream.range(10, 40).mapToObj(i -> "name" + i).toList();
    assertThat(Names.known("name39", many)).startsWith("name39, ").endsWith(" and 25 others are");
  }
}
