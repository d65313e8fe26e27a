package org.palimpsest.io.plugin;

import java.nio.file.Path;
import org.palimpsest.core.PalimpsestException;
import org.palimpsest.core.activation.ActivationSource;
import org.palimpsest.core.weights.Weights;
import org.palimpsest.io.network.NetworkOptions.RunLimits;

/**
 * Opens networks of a kind that this library does not know. A jar that names a class of this kind
 * in {@code META-INF/services/org.palimpsest.io.plugin.Importer} is asked first by {@code Inputs},
 * once it lies in a {@link PluginFolder} that was loaded.
 *
 * <pre>{@code
 * public final class Example2 implements Importer {
 *   public String kind() {
 *     return "a network of Example 2";
 *   }
 *
 *   public boolean reads(Path file) {
 *     return file.toString().endsWith(".ex2");
 *   }
 *
 *   public ActivationSource open(Path file, RunLimits limits) {
 *     return new Example2Network(file, limits.batchSize());
 *   }
 * }
 * }</pre>
 *
 * <p>The class is public and has a public constructor without arguments. Its networks run in the
 * process that opens them, not in one of their own. What it throws is told as its own.
 */
public interface Importer {

  /** What the files are, for people: {@code a network of Example 2}. */
  String kind();

  /**
   * Whether it opens this file or folder, told by the content; asked for every file, so it reads
   * little and throws nothing.
   */
  boolean reads(Path file);

  /**
   * Opens a network.
   *
   * @param limits how many probes are shown at once, and how much memory there is
   * @throws PalimpsestException if the file is damaged, or holds what is not known; naming it
   */
  ActivationSource open(Path file, RunLimits limits);

  /**
   * Reads the weights of a network, if the importer can.
   *
   * @throws PalimpsestException if it cannot
   */
  default Weights weights(Path file) {
    throw new PalimpsestException(
        "%s is %s, whose importer reads no weights.".formatted(file, kind()));
  }
}
