package org.palimpsest.core.internal.random;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashSet;
import java.util.Set;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class RandomStreamsTest {

  @Test
  void theSameSeedAndIndexGiveTheSameStream() {
    assertThat(RandomStreams.of(3, 4).nextLong()).isEqualTo(RandomStreams.of(3, 4).nextLong());
  }

  @Test
  void streamsOfNeighbouringIndicesAndSeedsShareNothing() {
    Set<Long> drawn = new HashSet<>();
    for (int seed = 0; seed < 10; seed++) {
      for (int index = 0; index < 100; index++) {
        SplittableRandom stream = RandomStreams.of(seed, index);
        for (int i = 0; i < 20; i++) {
          drawn.add(stream.nextLong());
        }
      }
    }
    assertThat(drawn).hasSize(10 * 100 * 20);
  }
}
