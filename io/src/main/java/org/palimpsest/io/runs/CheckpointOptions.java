package org.palimpsest.io.runs;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;
import java.util.function.Function;
import org.palimpsest.core.evolution.Checkpoint;
import org.palimpsest.internal.file.Sha256;
import org.palimpsest.io.network.NetworkOptions;

/**
 * What is said of the checkpoints of a study beside where they lie: the network of a state dict,
 * which of several sets of weights is meant, what is removed from names. Part of it lies beside the
 * files (an {@code architecture.json}), part is said by whoever asks; what is asked counts first.
 *
 * @param asked what the caller says of all of them, which counts before anything else
 * @param byLocation what lies beside them, or the study's file, says of each, by the checkpoint's
 *     location
 */
public record CheckpointOptions(NetworkOptions asked, Map<String, NetworkOptions> byLocation) {

  public CheckpointOptions {
    byLocation = Collections.unmodifiableMap(new LinkedHashMap<>(byLocation));
  }

  /**
   * What is said of one: its architecture, the entry of its weights, and the prefixes to take off.
   * Fold and checkpoint are not in it, since the location names the file itself.
   *
   * @param checkpoint one of the study
   */
  public NetworkOptions of(Checkpoint checkpoint) {
    return at(checkpoint.location());
  }

  private NetworkOptions at(String location) {
    NetworkOptions own = byLocation.getOrDefault(location, NetworkOptions.none());
    return new NetworkOptions(
        asked.architecture().or(own::architecture),
        asked.key().or(own::key),
        Optional.empty(),
        Optional.empty(),
        asked.withoutPrefixes());
  }

  /**
   * What makes another study of the same checkpoints, by name: architectures count by their
   * content.
   *
   * @throws org.palimpsest.core.PalimpsestException if an architecture cannot be read
   */
  public Map<String, String> identity() {
    Map<String, String> identity = new LinkedHashMap<>();
    identity.put(
        "architectures",
        distinct(o -> o.architecture().map(file -> file.getFileName() + " " + Sha256.of(file))));
    identity.put("keys", distinct(NetworkOptions::key));
    identity.put("folds", asked.fold().orElse(""));
    identity.put("checkpoints", asked.checkpoint().orElse(""));
    return identity;
  }

  private String distinct(Function<NetworkOptions, Optional<String>> told) {
    List<NetworkOptions> all =
        byLocation.isEmpty() ? List.of(asked) : byLocation.keySet().stream().map(this::at).toList();
    TreeSet<String> words = new TreeSet<>();
    all.forEach(one -> told.apply(one).ifPresent(words::add));
    return String.join(", ", words);
  }
}
