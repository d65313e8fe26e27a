package org.palimpsest.io.network;

import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import org.palimpsest.core.PalimpsestException;

/**
 * What the user says of a file or folder beside its name. Most files need nothing; a state dict
 * needs the network that its weights belong to, a checkpoint with several sets of weights which of
 * them, a results folder of nnU-Net which fold. What says nothing of a file is refused where the
 * file is opened, by commands if it says nothing of any of theirs; what a file takes, {@code
 * Inputs.taken} tells.
 *
 * <pre>{@code
 * NetworkOptions ema =
 *     NetworkOptions.none().withArchitecture(Path.of("unet.json")).withKey("ema.state_dict");
 * }</pre>
 *
 * @param architecture a file that describes the network of a state dict
 * @param key the entry of a checkpoint that holds the weights, such as {@code ema.state_dict}, or
 *     what the names of these weights begin with
 * @param fold which fold of a results folder
 * @param checkpoint which checkpoint of a fold: final, best or latest
 * @param withoutPrefixes what is removed from the names of a state dict where all of them begin
 *     with it, one after the other
 */
public record NetworkOptions(
    Optional<Path> architecture,
    Optional<String> key,
    Optional<String> fold,
    Optional<String> checkpoint,
    List<String> withoutPrefixes) {

  public NetworkOptions {
    withoutPrefixes = List.copyOf(withoutPrefixes);
  }

  /** The user says nothing. */
  public static NetworkOptions none() {
    return new NetworkOptions(
        Optional.empty(), Optional.empty(), Optional.empty(), Optional.empty(), List.of());
  }

  /**
   * With a file that describes the network.
   *
   * @param file JSON, in the form that {@code docs/importers.md} describes
   */
  public NetworkOptions withArchitecture(Path file) {
    return new NetworkOptions(Optional.of(file), key, fold, checkpoint, withoutPrefixes);
  }

  /**
   * With the entry of the weights, or what their names begin with.
   *
   * @param entry with dots between the levels, such as {@code ema.state_dict}
   */
  public NetworkOptions withKey(String entry) {
    return new NetworkOptions(architecture, Optional.of(entry), fold, checkpoint, withoutPrefixes);
  }

  /** With one fold of a results folder, such as {@code 0}. */
  public NetworkOptions withFold(String which) {
    return new NetworkOptions(architecture, key, Optional.of(which), checkpoint, withoutPrefixes);
  }

  /** With one checkpoint of a fold: {@code final}, {@code best} or {@code latest}. */
  public NetworkOptions withCheckpoint(String which) {
    return new NetworkOptions(architecture, key, fold, Optional.of(which), withoutPrefixes);
  }

  /** With prefixes to be removed from names, in this order, in place of those before. */
  public NetworkOptions withoutPrefixes(List<String> inOrder) {
    return new NetworkOptions(architecture, key, fold, checkpoint, inOrder);
  }

  /**
   * Of what the user says only this, as of one of several files of which all the same is said.
   *
   * @param taken what is kept
   */
  public NetworkOptions only(Set<Option> taken) {
    return new NetworkOptions(
        architecture.filter(said -> taken.contains(Option.ARCHITECTURE)),
        key.filter(said -> taken.contains(Option.KEY)),
        fold.filter(said -> taken.contains(Option.FOLD)),
        checkpoint.filter(said -> taken.contains(Option.CHECKPOINT)),
        taken.contains(Option.WITHOUT_PREFIX) ? withoutPrefixes : List.of());
  }

  /** One thing that may be said of a file beside its name. */
  public enum Option {
    ARCHITECTURE("--architecture", options -> options.architecture().map(Object::toString)),
    KEY("--key", NetworkOptions::key),
    FOLD("--fold", NetworkOptions::fold),
    CHECKPOINT("--checkpoint", NetworkOptions::checkpoint),
    WITHOUT_PREFIX("--without-prefix", options -> options.withoutPrefixes().stream().findFirst());

    private final String word;
    private final Function<NetworkOptions, Optional<String>> said;

    Option(String word, Function<NetworkOptions, Optional<String>> said) {
      this.word = word;
      this.said = said;
    }

    /** How it is said on the command line, such as {@code --key}. */
    public String word() {
      return word;
    }

    /** Whether these options say it. */
    public boolean isIn(NetworkOptions options) {
      return said.apply(options).isPresent();
    }
  }

  /**
   * Which of these say something of a file, by what it holds; what a file does not take is refused.
   *
   * @param is what the file is, in words that continue the sentence "this is …"
   * @param asNetwork what is taken where the network is run
   * @param asWeights what is taken where the weights alone are read
   */
  public record Taken(String is, Set<Option> asNetwork, Set<Option> asWeights) {

    public Taken {
      asNetwork = Set.copyOf(asNetwork);
      asWeights = Set.copyOf(asWeights);
    }

    /**
     * The refusal of what a file does not take.
     *
     * @param taken {@link #asNetwork} or {@link #asWeights}
     * @param otherwise what else can be done than to leave it out, or empty
     */
    public PalimpsestException refusal(
        Path file, Option option, Set<Option> taken, String otherwise) {
      List<String> others =
          Arrays.stream(Option.values()).filter(taken::contains).map(Option::word).toList();
      String instead =
          others.isEmpty() ? "" : " (it takes %s)".formatted(String.join(", ", others));
      return new PalimpsestException(
          "%s is %s, of which %s says nothing%s; leave it out%s."
              .formatted(file, is, option.word(), instead, otherwise));
    }
  }

  /**
   * How much of a network's work is done at once: how many probes it is shown together, and how
   * much memory the process may hold meanwhile. It decides speed and memory alone, never values,
   * but for the last digits of what native libraries sum in another order.
   *
   * <pre>{@code
   * RunLimits small = RunLimits.withDefaults().withBatchSize(1).withMemory(new NetworkOptions.MemoryBound(2L << 30));
   * }</pre>
   *
   * @param batchSize the most probes that it is shown at once, at least 1
   * @param memory what the process may hold meanwhile; fewer probes are shown at once if it is
   *     little
   */
  public record RunLimits(int batchSize, MemoryBound memory) {

    private static final int DEFAULT_BATCH_SIZE = 16;

    /**
     * @throws PalimpsestException if the batch size is less than 1
     */
    public RunLimits {
      if (batchSize < 1) {
        throw new PalimpsestException(
            "A batch of " + batchSize + " probes cannot be shown: 1 is the least.");
      }
    }

    /** Sixteen probes at once, in as much memory as there is. */
    public static RunLimits withDefaults() {
      return new RunLimits(DEFAULT_BATCH_SIZE, MemoryBound.unlimited());
    }

    /** With another number of probes at once, at least 1. */
    public RunLimits withBatchSize(int probes) {
      return new RunLimits(probes, memory);
    }

    /** With a bound of memory. */
    public RunLimits withMemory(MemoryBound bound) {
      return new RunLimits(batchSize, bound);
    }
  }

  /**
   * How much memory this process may hold while networks run: Java's heap, tensors outside it, the
   * native runtimes with their code; what the system counts as resident.
   *
   * <p>A run that comes near it shows fewer probes at once; one probe that alone takes more is an
   * error, which says how much would do. What the heap may take at most (Java's {@code -Xmx}) is
   * not changed by it.
   *
   * <pre>{@code
   * RunLimits limits = RunLimits.withDefaults().withMemory(new MemoryBound(4L << 30)); // 4 GiB
   * }</pre>
   *
   * @param bytes the most, at least 1
   * @param ofWhole the most that all processes together may hold, of which this one has its share
   */
  public record MemoryBound(long bytes, long ofWhole) {

    private static final long MEGABYTE = 1L << 20;

    /** What another process gets of what this one leaves: three of four parts. */
    private static final int SHARE = 3;

    private static final int SHARES = 4;

    /** What a process takes at least that runs a network, as measured. */
    private static final long LEAST_OF_OTHER = 300 * MEGABYTE;

    /** For a process that shares with none. */
    public MemoryBound(long bytes) {
      this(bytes, bytes);
    }

    /**
     * @throws PalimpsestException if there are fewer bytes than 1
     */
    public MemoryBound {
      if (bytes < 1) {
        throw new PalimpsestException("A bound of " + bytes + " bytes of memory cannot be kept.");
      }
    }

    /** As much as there is. */
    public static MemoryBound unlimited() {
      return new MemoryBound(Long.MAX_VALUE);
    }

    /**
     * What another process may hold beside this one: three quarters of what this one leaves, since
     * it still has to take what the other one hands over.
     *
     * @param own the bytes that this process holds
     * @throws PalimpsestException if this process already holds as much as both may
     */
    public MemoryBound besideProcessOf(long own) {
      if (!isLimited()) {
        return this;
      }
      if (own >= bytes) {
        throw new PalimpsestException(
            "%s MB of memory are too little: this process alone holds %s MB, and the one that runs the network needs more than %s MB. Allow at least %s MB."
                .formatted(
                    bytes / MEGABYTE,
                    own / MEGABYTE + 1,
                    LEAST_OF_OTHER / MEGABYTE,
                    (own + LEAST_OF_OTHER / SHARE * SHARES) / MEGABYTE + 1));
      }
      return new MemoryBound(Math.max(1, (bytes - own) / SHARES * SHARE), bytes);
    }

    /**
     * How much all processes together must be allowed, for this one to hold so much. Messages name
     * it, since it is what the user can set.
     *
     * @param held in bytes, by this process
     * @return in bytes
     */
    public long wholeThatAllows(long held) {
      return ofWhole == bytes ? held : ofWhole + (held - bytes) / SHARE * SHARES;
    }

    /** Whether there is a bound. */
    public boolean isLimited() {
      return bytes < Long.MAX_VALUE;
    }
  }
}
