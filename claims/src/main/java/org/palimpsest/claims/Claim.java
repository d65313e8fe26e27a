package org.palimpsest.claims;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Something that is said of transfer learning in segmentation. Each kind judges itself: it says
 * what is measured, when it holds, which runs it takes, and of given runs whether it holds, does
 * not hold or cannot be told. The ten claims are listed with their thresholds in the guide {@code
 * docs/claims.md}.
 */
public abstract sealed class Claim
    permits FasterTraining,
        BetterWhenHardAndFew,
        BetterOnlyWhenHardAndFew,
        FiltersChangeLittle,
        FiltersLookRandom,
        FrozenEncoderIsAccurate,
        OtherRepresentations,
        VaryAsMuch,
        ReuseNotOnlyEarly,
        ReuseStrongerDeeper {

  /** Who says so. */
  public static final String SOURCE =
      "Karimi, Warfield and Gholipour 2020 (arXiv:2006.00356; Artificial Intelligence in Medicine"
          + " 2021, doi:10.1016/j.artmed.2021.102078), as their abstracts put it";

  Claim() {}

  /** All claims, in the order of the page. */
  public static List<Claim> all() {
    return List.of(
        new FasterTraining(),
        new BetterWhenHardAndFew(),
        new BetterOnlyWhenHardAndFew(),
        new FiltersChangeLittle(),
        new FiltersLookRandom(),
        new FrozenEncoderIsAccurate(),
        new OtherRepresentations(),
        new VaryAsMuch(),
        new ReuseNotOnlyEarly(),
        new ReuseStrongerDeeper());
  }

  /** Its number in the guide: {@code 2′} is another wording of {@code 2}. */
  public abstract String number();

  /** A short name for files and links: {@code faster}. */
  public abstract String key();

  /** The claim in one sentence. */
  public abstract String statement();

  /** What is measured and when the claim holds, for people. */
  public abstract String judged();

  /** Whether it is enough that some part of what is looked at is as it says. */
  public boolean isOfSomePart() {
    return false;
  }

  /** Which runs it takes. */
  public abstract String needs();

  /** What these runs say about it. */
  abstract Finding judge(Observations observations);

  @Override
  public final boolean equals(@Nullable Object other) {
    return other instanceof Claim claim && claim.key().equals(key());
  }

  @Override
  public final int hashCode() {
    return key().hashCode();
  }
}
