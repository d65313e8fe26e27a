package org.palimpsest.io.dl4j;

import java.nio.file.Path;
import java.util.List;
import org.palimpsest.core.PalimpsestException;
import org.palimpsest.core.Provenance;
import org.palimpsest.core.tensor.Backend;
import org.palimpsest.io.capture.OptionalLibrary;
import org.palimpsest.io.file.InputFiles;
import org.palimpsest.io.file.UnchangedFile;

/**
 * Opens networks that Keras saved as HDF5, through DL4J's import. The file itself is read without
 * native code.
 *
 * <p>Keras 1, Keras 2 and Keras 3's {@code model.save("….h5")}; layers keep their Keras names.
 * Whatever order the network keeps its channels in, activations are {@code (samples, channels,
 * space…)} and so are the probes, unless {@link Dl4jNetwork#withProbeOrder} says that they have
 * channels last as Keras has them.
 */
public final class KerasNetwork {

  private static final OptionalLibrary IMPORT =
      new OptionalLibrary(
          "DL4J's Keras import",
          "org.deeplearning4j.nn.modelimport.keras.KerasModelImport",
          "org.deeplearning4j:deeplearning4j-modelimport:1.0.0-M2.1");

  private KerasNetwork() {}

  /**
   * A network in one file.
   *
   * @param file written by {@code model.save("….h5")}
   * @throws PalimpsestException if a library is missing, the file is not such a file or is damaged,
   *     or DL4J does not know one of its layers
   */
  public static Dl4jNetwork open(Path file) {
    requireLibraries(file);
    UnchangedFile watched = UnchangedFile.since(file);
    KerasFile contents = KerasFile.read(file);
    KerasArchitecture architecture =
        contents
            .architecture()
            .map(json -> KerasArchitecture.parse(file, json, contents.kerasVersion()))
            .orElseThrow(
                () ->
                    new PalimpsestException(
                        "%s holds weights and no architecture. Save the whole network with model.save(\"network.h5\"); in Java, KerasNetwork.open(architecture, weights) takes the two files of model.to_json() and model.save_weights()."
                            .formatted(file)));
    return build(file, watched, contents, architecture);
  }

  /**
   * A network in two files.
   *
   * @param architecture written by {@code model.to_json()}
   * @param weights written by {@code model.save_weights("….h5")} or {@code model.save("….h5")}
   */
  public static Dl4jNetwork open(Path architecture, Path weights) {
    requireLibraries(weights);
    UnchangedFile watched = UnchangedFile.since(weights);
    KerasFile contents = KerasFile.read(weights);
    String json = KerasArchitecture.readJson(architecture);
    return build(
        weights,
        watched,
        contents,
        KerasArchitecture.parse(architecture, json, contents.kerasVersion()));
  }

  private static void requireLibraries(Path file) {
    IMPORT.require("The Keras file " + file);
    Backend.require();
  }

  private static Dl4jNetwork build(
      Path file, UnchangedFile watched, KerasFile contents, KerasArchitecture architecture) {
    if (contents.backend().equals("theano") && !architecture.version().startsWith("1.")) {
      throw new PalimpsestException(
          "%s was written by Keras %s with Theano, which turns its kernels; such files are not read."
              .formatted(file, architecture.version()));
    }
    Walk walk = KerasImport.read(file, contents, architecture);
    Provenance provenance = new Provenance(file.toString(), watched.sha256(), notes(architecture));
    return Dl4jNetwork.of(InputFiles.nameWithout(".h5", file), provenance, walk);
  }

  private static List<String> notes(KerasArchitecture architecture) {
    String origin = "Keras " + architecture.version() + ", imported by DL4J 1.0.0-M2.1";
    return architecture.isInTheanoOrder()
        ? List.of(origin, "kernels taken for Theano's, which are turned (dim_ordering = th)")
        : List.of(origin);
  }
}
