package org.palimpsest.io.internal.graph;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * What the user says of a file or folder beside its name.
 *
 * @param architecture a file that describes the network of a state dict
 * @param key the entry of a checkpoint that holds the weights, such as {@code ema.state_dict}, or
 *     what the names of these weights begin with
 * @param fold which fold of a results folder
 * @param checkpoint which checkpoint of a fold: final, best or latest
 * @param withoutPrefixes what is taken off the names of a state dict where all of them begin so,
 *     one after the other
 */
public record GraphOptions(
    Optional<Path> architecture,
    Optional<String> key,
    Optional<String> fold,
    Optional<String> checkpoint,
    List<String> withoutPrefixes) {

  public GraphOptions {
    withoutPrefixes = List.copyOf(withoutPrefixes);
  }

  /** The user says nothing. */
  public static GraphOptions none() {
    return new GraphOptions(
        Optional.empty(), Optional.empty(), Optional.empty(), Optional.empty(), List.of());
  }

  public GraphOptions withArchitecture(Path file) {
    return new GraphOptions(Optional.of(file), key, fold, checkpoint, withoutPrefixes);
  }

  public GraphOptions withKey(String entry) {
    return new GraphOptions(architecture, Optional.of(entry), fold, checkpoint, withoutPrefixes);
  }

  public GraphOptions withFold(String which) {
    return new GraphOptions(architecture, key, Optional.of(which), checkpoint, withoutPrefixes);
  }

  public GraphOptions withCheckpoint(String which) {
    return new GraphOptions(architecture, key, fold, Optional.of(which), withoutPrefixes);
  }

  public GraphOptions withoutPrefixes(List<String> inOrder) {
    return new GraphOptions(architecture, key, fold, checkpoint, inOrder);
  }
}
