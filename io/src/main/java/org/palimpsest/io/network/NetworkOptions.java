package org.palimpsest.io.network;

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

  public NetworkOptions withArchitecture(Path file) {
    return new NetworkOptions(Optional.of(file), key, fold, checkpoint, withoutPrefixes);
  }

  public NetworkOptions withKey(String entry) {
    return new NetworkOptions(architecture, Optional.of(entry), fold, checkpoint, withoutPrefixes);
  }

  public NetworkOptions withFold(String which) {
    return new NetworkOptions(architecture, key, Optional.of(which), checkpoint, withoutPrefixes);
  }

  public NetworkOptions withCheckpoint(String which) {
    return new NetworkOptions(architecture, key, fold, Optional.of(which), withoutPrefixes);
  }

  public NetworkOptions withoutPrefixes(List<String> inOrder) {
    return new NetworkOptions(architecture, key, fold, checkpoint, inOrder);
  }
}
