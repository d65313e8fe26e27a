package org.palimpsest.examples.cli;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;
import org.palimpsest.core.Provenance;
import org.palimpsest.core.probe.Probes;

/**
 * Probes beside where they came from.
 *
 * @param file as it was given
 * @param preprocessing what was done to images, or empty
 */
record ShownProbes(Path file, Probes probes, String preprocessing) {

  /** For people. */
  String describe() {
    String shape =
        Arrays.stream(probes.shape()).mapToObj(Long::toString).collect(Collectors.joining(" × "));
    return shape + " from " + file + (preprocessing.isEmpty() ? "" : " (" + preprocessing + ")");
  }

  /** The provenance of a network that was shown them. */
  Provenance noteOn(Provenance network) {
    List<String> notes = new ArrayList<>(network.notes());
    notes.add("shown " + file + (preprocessing.isEmpty() ? "" : " (" + preprocessing + ")"));
    return new Provenance(network.origin(), network.sha256(), notes);
  }
}
