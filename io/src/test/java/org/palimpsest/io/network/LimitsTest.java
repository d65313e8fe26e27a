package org.palimpsest.io.network;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.OptionalLong;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.LongRange;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.palimpsest.core.PalimpsestException;
import org.palimpsest.core.evolution.TrainingRun.Checkpoint;
import org.palimpsest.io.network.NetworkOptions.MemoryBound;
import org.palimpsest.io.network.NetworkOptions.RunLimits;
import org.palimpsest.io.runs.RunsFolder.CheckpointOptions;

/** Bounds of work and memory, and what is said of a file beside its name. */
class LimitsTest {

  private static final long MEGABYTE = 1L << 20;

  @ParameterizedTest
  @ValueSource(ints = {0, -1, Integer.MIN_VALUE})
  void noProbesAtOnceAreRefused(int size) {
    assertThatThrownBy(() -> RunLimits.withDefaults().withBatchSize(size))
        .isInstanceOf(PalimpsestException.class)
        .hasMessageContaining("A batch of " + size);
  }

  @ParameterizedTest
  @ValueSource(longs = {0, -1, Long.MIN_VALUE})
  void noMemoryIsRefused(long bytes) {
    assertThatThrownBy(() -> new MemoryBound(bytes))
        .isInstanceOf(PalimpsestException.class)
        .hasMessageContaining("A bound of " + bytes + " bytes");
  }

  @Test
  void withoutABoundNoProcessIsBounded() {
    MemoryBound unlimited = RunLimits.withDefaults().memory();

    assertThat(unlimited.isLimited()).isFalse();
    assertThat(unlimited.besideProcessOf(Long.MAX_VALUE)).isEqualTo(unlimited);
  }

  @Property(tries = 60)
  void twoProcessesTogetherStayWithinTheBound(
      @ForAll @LongRange(min = 2, max = 1L << 50) long bytes,
      @ForAll @LongRange(min = 1, max = 1L << 50) long own) {
    MemoryBound bound = new MemoryBound(bytes);
    if (own >= bytes) {
      assertThatThrownBy(() -> bound.besideProcessOf(own))
          .isInstanceOf(PalimpsestException.class)
          .hasMessageContaining("%d MB of memory are too little".formatted(bytes / MEGABYTE));
      return;
    }
    MemoryBound other = bound.besideProcessOf(own);

    assertThat(other.isLimited()).isTrue();
    assertThat(other.ofWhole()).isEqualTo(bytes);
    assertThat(own + other.bytes()).isLessThanOrEqualTo(bytes);
  }

  /** What is advised where memory is too little must be enough. */
  @Property(tries = 60)
  void theWholeThatIsAdvisedLetsTheProcessHoldWhatItNeeds(
      @ForAll @LongRange(min = 1L << 29, max = 1L << 36) long bytes,
      @ForAll @LongRange(min = 1L << 20, max = 1L << 28) long own,
      @ForAll @LongRange(min = 1L << 20, max = 1L << 36) long needed) {
    MemoryBound other = new MemoryBound(bytes).besideProcessOf(own);
    long whole = other.wholeThatAllows(other.bytes() + needed);

    assertThat(new MemoryBound(whole).besideProcessOf(own).bytes())
        .isBetween(other.bytes() + needed - 8, other.bytes() + needed + 8);
    assertThat(new MemoryBound(bytes).wholeThatAllows(needed)).isEqualTo(needed);
  }

  @Test
  void eachOptionIsKeptBesideTheOthers() {
    NetworkOptions all =
        NetworkOptions.none()
            .withArchitecture(Path.of("unet.json"))
            .withKey("ema")
            .withFold("2")
            .withCheckpoint("best")
            .withoutPrefixes(List.of("net."));

    assertThat(all.architecture()).contains(Path.of("unet.json"));
    assertThat(all.key()).contains("ema");
    assertThat(all.fold()).contains("2");
    assertThat(all.checkpoint()).contains("best");
    assertThat(all.withoutPrefixes()).containsExactly("net.");
    assertThat(all.withKey("model").fold()).contains("2");
    assertThat(NetworkOptions.none().withoutPrefixes()).isEmpty();
  }

  @Test
  void whatTheCallerSaysCountsBeforeWhatLiesBesideACheckpoint() {
    NetworkOptions own = NetworkOptions.none().withKey("ema").withArchitecture(Path.of("own.json"));
    Checkpoint known = new Checkpoint(1, "a.pt", OptionalDouble.empty());
    Checkpoint other = new Checkpoint(2, "b.pt", OptionalDouble.empty());
    CheckpointOptions options =
        new CheckpointOptions(NetworkOptions.none().withKey("model"), Map.of("a.pt", own));

    assertThat(options.of(known).key()).contains("model");
    assertThat(options.of(known).architecture()).contains(Path.of("own.json"));
    assertThat(options.of(other).architecture()).isEmpty();
    assertThat(new CheckpointOptions(options.asked(), Map.of()).identity())
        .containsEntry("keys", "model")
        .containsEntry("folds", "")
        .containsEntry("checkpoints", "");
    assertThat(new CheckpointOptions(NetworkOptions.none(), Map.of()).identity().values())
        .containsOnly("");
  }

  @Test
  void anOutlineKeepsWhatIsKnown() {
    LayerOutline known = new LayerOutline("enc1", "Conv", 32);

    assertThat(known.parameters()).isEqualTo(OptionalLong.of(32));
    assertThat(known.remarks()).isEmpty();
  }
}
