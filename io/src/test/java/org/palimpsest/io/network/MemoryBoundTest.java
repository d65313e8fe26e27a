package org.palimpsest.io.network;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.LongRange;
import org.junit.jupiter.api.Test;
import org.palimpsest.core.PalimpsestException;
import org.palimpsest.io.network.NetworkOptions.MemoryBound;

class MemoryBoundTest {

  private static final long MEGABYTE = 1L << 20;

  @Test
  void aBoundOfNothingIsRefused() {
    for (long bytes : new long[] {0, -1, Long.MIN_VALUE}) {
      assertThatThrownBy(() -> new MemoryBound(bytes))
          .isInstanceOf(PalimpsestException.class)
          .hasMessageContaining(bytes + " bytes");
    }
    assertThat(MemoryBound.unlimited().isLimited()).isFalse();
    assertThat(MemoryBound.unlimited().besideProcessOf(MEGABYTE))
        .isEqualTo(MemoryBound.unlimited());
    assertThat(new MemoryBound(1).isLimited()).isTrue();
  }

  @Test
  void aProcessThatHoldsAllOfItSaysHowMuchWouldDo() {
    assertThatThrownBy(() -> new MemoryBound(500 * MEGABYTE).besideProcessOf(600 * MEGABYTE))
        .isInstanceOf(PalimpsestException.class)
        .hasMessage(
            "500 MB of memory are too little: this process alone holds 601 MB, and the one that"
                + " runs the network needs more than 300 MB. Allow at least 1001 MB.");
    MemoryBound enough = new MemoryBound(1001 * MEGABYTE);
    assertThat(enough.besideProcessOf(600 * MEGABYTE).bytes()).isGreaterThan(300 * MEGABYTE);
  }

  /** What is told to the user allows what it is said to allow, and not much more. */
  @Property
  void sharesAndWholesFitEachOther(
      @ForAll @LongRange(min = 1, max = 1L << 40) long whole,
      @ForAll @LongRange(min = 1, max = 1L << 40) long own,
      @ForAll @LongRange(min = 1, max = 1L << 40) long held) {
    if (own >= whole) {
      return;
    }
    MemoryBound bound = new MemoryBound(whole);
    MemoryBound other = bound.besideProcessOf(own);
    assertThat(other.ofWhole()).isEqualTo(whole);
    assertThat(other.bytes()).isBetween(1L, Math.max(1, (whole - own) / 4 * 3));
    assertThat(bound.wholeThatAllows(held)).isEqualTo(held);
    if (held > other.bytes()) {
      long asked = other.wholeThatAllows(held);
      assertThat(new MemoryBound(asked + 8).besideProcessOf(own).bytes())
          .isGreaterThanOrEqualTo(held - 3);
    }
  }
}
