package org.palimpsest.io.graph;

import java.nio.file.Path;
import java.util.Optional;

/**
 * What the user says of a file or folder beside its name.
 *
 * @param architecture a file that describes the network of a state dict
 * @param key the entry of a checkpoint that holds the weights, such as {@code ema.state_dict}
 * @param fold which fold of a results folder
 * @param checkpoint which checkpoint of a fold: final, best or latest
 */
public record GraphOptions(
    Optional<Path> architecture,
    Optional<String> key,
    Optional<String> fold,
    Optional<String> checkpoint) {

  /** The user says nothing. */
  public static GraphOptions none() {
    return new GraphOptions(Optional.empty(), Optional.empty(), Optional.empty(), Optional.empty());
  }

  public GraphOptions withArchitecture(Path file) {
    return new GraphOptions(Optional.of(file), key, fold, checkpoint);
  }

  public GraphOptions withKey(String entry) {
    return new GraphOptions(architecture, Optional.of(entry), fold, checkpoint);
  }

  public GraphOptions withFold(String which) {
    return new GraphOptions(architecture, key, Optional.of(which), checkpoint);
  }

  public GraphOptions withCheckpoint(String which) {
    return new GraphOptions(architecture, key, fold, Optional.of(which));
  }
}
