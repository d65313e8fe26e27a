package org.palimpsest.io.volume;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Locale;
import java.util.OptionalInt;
import org.palimpsest.core.PalimpsestException;

/**
 * Which patches of a case are samples.
 *
 * @param kind how they are chosen
 * @param overlap of neighbours in a grid, as a share of their extent
 * @param count how many of each case; if empty all of a grid, else 8
 * @param seed decides what is drawn
 * @param foregroundShare of patches that are centred on the foreground, how many are for certain
 * @param withoutBlank whether patches are left out of which every channel has one value everywhere
 */
public record PatchRule(
    Kind kind,
    double overlap,
    OptionalInt count,
    long seed,
    double foregroundShare,
    boolean withoutBlank) {

  /** How patches are chosen. */
  public enum Kind {
    /** No patch: each case is one sample, however large. */
    WHOLE,
    /** One in the middle. */
    CENTRE,
    /** Beside each other, as nnU-Net's predictor goes over a volume. */
    GRID,
    /** Drawn anywhere. */
    RANDOM,
    /** Some drawn around a voxel of the foreground, others anywhere, as in nnU-Net's training. */
    FOREGROUND
  }

  /** As nnU-Net's predictor has it. */
  public static final double USUAL_OVERLAP = 0.5;

  /** As nnU-Net's training has it. */
  public static final double USUAL_FOREGROUND_SHARE = 0.33;

  private static final int USUAL_COUNT = 8;
  static final int MOST = 1 << 20;

  public PatchRule {
    if (!(overlap >= 0 && overlap < 1)) {
      throw new PalimpsestException(
          "Patches can overlap by a share from 0 to less than 1, not %s.".formatted(overlap));
    }
    if (!(foregroundShare >= 0 && foregroundShare <= 1)) {
      throw new PalimpsestException(
          "The share of patches on the foreground is from 0 to 1, not %s."
              .formatted(foregroundShare));
    }
    if (count.isPresent() && (count.getAsInt() < 1 || count.getAsInt() > MOST)) {
      throw new PalimpsestException(
          "At least one patch of each case is needed, and at most %d, not %d."
              .formatted(MOST, count.getAsInt()));
    }
  }

  /** Each case as a whole. */
  public static PatchRule whole() {
    return of(Kind.WHOLE);
  }

  /** Patches of a kind, all else as nnU-Net has it. */
  public static PatchRule of(Kind kind) {
    return new PatchRule(
        kind, USUAL_OVERLAP, OptionalInt.empty(), 0, USUAL_FOREGROUND_SHARE, false);
  }

  int drawn() {
    return count.orElse(USUAL_COUNT);
  }

  ObjectNode json() {
    ObjectNode node =
        JsonNodeFactory.instance
            .objectNode()
            .put("kind", kind.name().toLowerCase(Locale.ROOT))
            .put("blankLeftOut", withoutBlank);
    if (kind == Kind.GRID) {
      node.put("overlap", overlap);
    }
    if (kind == Kind.RANDOM || kind == Kind.FOREGROUND || count.isPresent()) {
      node.put("countOfEachCase", drawn()).put("seed", seed);
    }
    if (kind == Kind.FOREGROUND) {
      node.put("foregroundShare", foregroundShare);
    }
    return node;
  }

  /** For people, such as {@code 8 random patches of each case}. */
  public String describe() {
    String each = count.isPresent() || kind.ordinal() > Kind.GRID.ordinal() ? drawn() + " " : "";
    return switch (kind) {
      case WHOLE -> "whole cases";
      case CENTRE -> "patches from the centre";
      case GRID -> each + "patches of a grid overlapping by " + overlap;
      case RANDOM -> each + "patches drawn of each case, seed " + seed;
      case FOREGROUND ->
          each
              + "patches drawn of each case, %s of them on the foreground, seed %d"
                  .formatted(foregroundShare, seed);
    };
  }
}
