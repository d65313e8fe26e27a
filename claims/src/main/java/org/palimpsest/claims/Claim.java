package org.palimpsest.claims;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Something that is said of transfer learning in segmentation. Each kind judges itself: it says
 * what is measured, when it holds, which runs it takes, and of given runs whether it holds, does
 * not hold or cannot be told. The ten claims are listed with their thresholds in the guide {@code
 * docs/claims.md}.
 *
 * <p>Thresholds are part of the claims, so that no data can change them. A claim is judged on
 * networks that others trained, by an {@link Assessor}; what it says there is a {@link Finding}.
 * Claims are equal if their {@linkplain #key keys} are.
 *
 * <pre>{@code
 * for (Claim claim : Claim.all()) {
 *   System.out.println(claim.number() + " " + claim.statement() + " " + claim.judged());
 * }
 * }</pre>
 */
public abstract sealed class Claim
    permits FasterTraining,
        BetterWhenHardAndFew,
        HardAndFew.OnlyWhen,
        FiltersChangeLittle,
        FiltersLookRandom,
        FrozenEncoderIsAccurate,
        OtherRepresentations,
        VaryAsMuch,
        ReuseNotOnlyEarly,
        Reuse.StrongerDeeper {

  /** Who says so. */
  public static final String SOURCE =
      "Karimi, Warfield and Gholipour 2020 (arXiv:2006.00356; Artificial Intelligence in Medicine"
          + " 2021, doi:10.1016/j.artmed.2021.102078), as their abstracts put it";

  Claim() {}

  /** All claims, in the order of the page, which is that of their numbers. */
  public static List<Claim> all() {
    return List.of(
        new FasterTraining(),
        new BetterWhenHardAndFew(),
        new HardAndFew.OnlyWhen(),
        new FiltersChangeLittle(),
        new FiltersLookRandom(),
        new FrozenEncoderIsAccurate(),
        new OtherRepresentations(),
        new VaryAsMuch(),
        new ReuseNotOnlyEarly(),
        new Reuse.StrongerDeeper());
  }

  /** Its number in the guide: {@code 2′} is another wording of {@code 2}. */
  public abstract String number();

  /**
   * A short name for files and links, such as {@code faster}; no two claims share one, and a
   * release does not change it.
   */
  public abstract String key();

  /** The claim in one sentence. */
  public abstract String statement();

  /**
   * What is measured and when the claim holds, for people, with the threshold and its unit. It
   * stands beside each finding.
   */
  public abstract String judged();

  /**
   * Whether it is enough that some part of what is looked at, such as one block of the network, is
   * as it says. Where nothing can be told, the part that takes the fewest further networks is then
   * enough; else it is the one that takes the most.
   */
  public boolean isOfSomePart() {
    return false;
  }

  /**
   * Which runs it takes, in words that follow "It takes". What of them is not there stands in
   * {@link Finding#missing}.
   */
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
