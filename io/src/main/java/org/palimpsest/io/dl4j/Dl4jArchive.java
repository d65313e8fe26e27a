package org.palimpsest.io.dl4j;

import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.UTFDataFormatException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import java.util.zip.CRC32;
import java.util.zip.CheckedInputStream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipException;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration;
import org.deeplearning4j.nn.conf.MultiLayerConfiguration;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.shade.jackson.core.JsonProcessingException;
import org.nd4j.shade.jackson.databind.JsonMappingException;
import org.palimpsest.core.PalimpsestException;
import org.palimpsest.core.Provenance;
import org.palimpsest.internal.file.InputFiles;
import org.palimpsest.internal.file.UnchangedFile;
import org.palimpsest.internal.file.ZipContents;
import org.palimpsest.io.internal.binary.HalfPrecision;

/** Opens what DL4J's {@code ModelSerializer} wrote: its configuration and its parameters. */
final class Dl4jArchive {

  private static final String CONFIGURATION = "configuration.json";
  private static final String COEFFICIENTS = "coefficients.bin";
  private static final Set<String> NORMALISERS = Set.of("preprocessor.bin", "normalizer.bin");
  private static final long MOST_CONFIGURATION = 64L << 20;

  private Dl4jArchive() {}

  static Dl4jNetwork open(Path file) {
    InputFiles.require(file);
    UnchangedFile watched = UnchangedFile.since(file);
    try {
      Restored restored = restore(file);
      Provenance provenance = new Provenance(file.toString(), watched.sha256(), restored.notes());
      return Dl4jNetwork.of(InputFiles.nameWithout(".zip", file), provenance, restored.walk());
    } catch (PalimpsestException clear) {
      throw clear;
    } catch (IOException failure) {
      throw InputFiles.unreadable(file, failure);
    } catch (RuntimeException | StackOverflowError | OutOfMemoryError failure) {
      throw notRestored(file, failure);
    }
  }

  private record Restored(Walk walk, List<String> notes) {}

  private static Restored restore(Path file) throws IOException {
    try (ZipContents zip = ZipContents.open(file)) {
      byte[] json = zip.readWhole(entry(file, zip, CONFIGURATION), MOST_CONFIGURATION);
      NetworkConfiguration configuration = NetworkConfiguration.read(file, json);
      ZipEntry coefficients = entry(file, zip, COEFFICIENTS);
      Walk walk = built(file, configuration, SavedCoefficients.read(file, zip, coefficients));
      return new Restored(walk, zip.entries().stream().flatMap(Dl4jArchive::note).toList());
    }
  }

  private static Stream<String> note(ZipEntry entry) {
    return NORMALISERS.contains(entry.getName())
        ? Stream.of(
            "was saved with a normaliser (%s), which is not read: probes are to be normalised already"
                .formatted(entry.getName()))
        : Stream.empty();
  }

  private static ZipEntry entry(Path file, ZipContents zip, String name) {
    Optional<ZipEntry> found =
        zip.entries().stream().filter(entry -> entry.getName().equals(name)).findFirst();
    return found.orElseThrow(
        () ->
            new PalimpsestException(
                "%s is no saved DL4J network: it holds no %s. ModelSerializer.writeModel writes one."
                    .formatted(file, name)));
  }

  /** DL4J's own reader of such files is not used: it deserialises an object that lies in them. */
  private static Walk built(Path file, NetworkConfiguration configuration, INDArray coefficients)
      throws IOException {
    if (!configuration.isGraph()) {
      MultiLayerNetwork network =
          new MultiLayerNetwork(configured(file, configuration, MultiLayerConfiguration.class));
      network.init(orNone(coefficients), false);
      requireStored(file, coefficients, network.numParams());
      return new SequenceWalk(network);
    }
    ComputationGraph graph =
        new ComputationGraph(configured(file, configuration, ComputationGraphConfiguration.class));
    graph.init(orNone(coefficients), false);
    requireStored(file, coefficients, graph.numParams());
    GraphWalk walk = new GraphWalk(graph);
    walk.requireOneInput(file.toString());
    return walk;
  }

  /** DL4J takes an empty row for a network without parameters in float32 alone. */
  private static @Nullable INDArray orNone(INDArray coefficients) {
    return coefficients.isEmpty() ? null : coefficients;
  }

  /** Without parameters that are given DL4J would draw its own. */
  private static void requireStored(Path file, INDArray coefficients, long parameters) {
    if (coefficients.isEmpty() && parameters > 0) {
      throw new PalimpsestException(
          "%s: its coefficients.bin holds no parameters, and its network has %s. Save the network again."
              .formatted(file, parameters));
    }
  }

  private static <T> T configured(Path file, NetworkConfiguration configuration, Class<T> type)
      throws IOException {
    try {
      return configuration.as(type);
    } catch (JsonProcessingException failure) {
      throw notRestored(file, failure);
    }
  }

  private static PalimpsestException notRestored(Path file, Throwable failure) {
    return new PalimpsestException(
        "%s cannot be restored by DL4J 1.0.0-M2.1: %s.".formatted(file, why(failure)), failure);
  }

  /** What DL4J says of itself is meant for users; what Java says where it stumbles is not. */
  private static String why(Throwable failure) {
    if (failure instanceof JsonMappingException misfit) {
      String place =
          misfit.getPath().stream()
              .map(step -> step.getFieldName() == null ? step.getIndex() + "" : step.getFieldName())
              .collect(Collectors.joining("."));
      return "its configuration has a value of the wrong kind or a setting too few at '%s'"
          .formatted(place);
    }
    if (failure instanceof StackOverflowError) {
      return "its configuration is nested too deeply";
    }
    if (failure instanceof OutOfMemoryError) {
      return "it takes more memory than there is. Allow more (java -Xmx) if the file is honest";
    }
    String told = String.valueOf(failure.getMessage()).lines().findFirst().orElse("");
    boolean meant =
        failure instanceof IllegalArgumentException
            || failure instanceof IllegalStateException
            || failure.getClass().getName().startsWith("org.deeplearning4j.")
            || failure.getClass().getName().startsWith("org.nd4j.");
    return meant && failure.getMessage() != null
        ? told.replaceFirst("[.\\s]+$", "")
        : "a setting of its configuration is missing, or does not fit the others";
  }

  /**
   * Reads the row of all parameters.
   *
   * <p>Two buffers follow each other, the shape and the values. Each is a UTF string (how it was
   * allocated), its length (an int for the three oldest kinds, else a long), a UTF string (its
   * type) and its elements, the high byte first. The shape is the rank, the sizes, the strides, and
   * three numbers that say nothing of a vector or a row.
   */
  private static final class SavedCoefficients {

    private static final Set<String> SHORT_LENGTHS = Set.of("HEAP", "JAVACPP", "DIRECT");
    private static final Set<String> LONG_LENGTHS = Set.of("LONG_SHAPE", "MIXED_DATA_TYPES");
    private static final int LONGEST_SHAPE = 2 * 2 + 4;
    private static final int MOST_VALUES = Integer.MAX_VALUE - 8;
    private static final int BLOCK = 1 << 13;

    private record Header(int length, DataType type) {}

    private final Path file;
    private final DataInputStream in;

    private SavedCoefficients(Path file, DataInputStream in) {
      this.file = file;
      this.in = in;
    }

    /**
     * Reads the entry to its end, holding lengths against sizes and content against checksum.
     *
     * @return a row of the type that the file has
     */
    static INDArray read(Path file, ZipContents zip, ZipEntry entry) throws IOException {
      CRC32 sum = new CRC32();
      INDArray values;
      try (CheckedInputStream checked = new CheckedInputStream(zip.read(entry), sum);
          DataInputStream in = new DataInputStream(checked)) {
        values = new SavedCoefficients(file, in).read(entry.getSize());
      } catch (EOFException early) {
        throw zip.damaged(entry, "it ends too early");
      } catch (UTFDataFormatException damage) {
        throw zip.damaged(entry, "a text in it is no text");
      } catch (ZipException damage) {
        throw zip.damaged(entry, damage);
      }
      if (sum.getValue() != entry.getCrc()) {
        throw zip.damaged(entry, "its checksum is wrong");
      }
      return values;
    }

    private INDArray read(long size) throws IOException {
      long columns = readShape();
      Header header = header();
      if (header.length > size / header.type.width()) {
        throw refused("%s values are announced in %s bytes".formatted(header.length, size));
      }
      if (header.length != columns) {
        throw refused("its shape is of %s values, but it has %s".formatted(columns, header.length));
      }
      INDArray values = values(header);
      if (in.read() >= 0) {
        throw refused("its values go on after the last of " + header.length);
      }
      return values;
    }

    private long readShape() throws IOException {
      Header header = header();
      boolean whole = header.type == DataType.LONG || header.type == DataType.INT;
      if (!whole || header.length < 1 || header.length > LONGEST_SHAPE) {
        throw refused(
            "its shape is %s numbers of the type %s".formatted(header.length, header.type));
      }
      long[] shape = new long[header.length];
      for (int i = 0; i < shape.length; i++) {
        shape[i] = header.type == DataType.LONG ? in.readLong() : in.readInt();
      }
      int rank = (int) shape[0];
      boolean row = shape.length == 2 * rank + 4 && (rank == 1 || rank == 2 && shape[1] == 1);
      if (!row || shape[rank] > 1 && shape[2 * rank] != 1) {
        throw refused(
            "its shape and strides %s are not of a row".formatted(Arrays.toString(shape)));
      }
      return shape[rank];
    }

    private Header header() throws IOException {
      String allocation = in.readUTF();
      if (!SHORT_LENGTHS.contains(allocation) && !LONG_LENGTHS.contains(allocation)) {
        throw refused("it begins with '" + allocation + "'");
      }
      long length = LONG_LENGTHS.contains(allocation) ? in.readLong() : in.readInt();
      if (length < 0 || length > MOST_VALUES) {
        throw refused("a length of " + length);
      }
      return new Header((int) length, type(in.readUTF()));
    }

    private DataType type(String name) {
      return switch (name) {
        case "LONG", "INT", "DOUBLE", "FLOAT", "HALF", "BFLOAT16" -> DataType.valueOf(name);
        default -> throw refused("elements of the type '" + name + "'");
      };
    }

    private INDArray values(Header header) throws IOException {
      if (header.length == 0) {
        return Nd4j.empty(header.type);
      }
      return header.type == DataType.DOUBLE ? doubles(header.length) : floats(header);
    }

    private INDArray doubles(int length) throws IOException {
      double[] values = new double[length];
      for (int from = 0; from < length; from += BLOCK) {
        int count = Math.min(BLOCK, length - from);
        block(count * Double.BYTES).asDoubleBuffer().get(values, from, count);
      }
      return Nd4j.create(values, 1, length);
    }

    private INDArray floats(Header header) throws IOException {
      float[] values = new float[header.length];
      for (int from = 0; from < header.length; from += BLOCK) {
        int count = Math.min(BLOCK, header.length - from);
        ByteBuffer block = block(count * header.type.width());
        for (int i = from; i < from + count; i++) {
          values[i] = next(block, header.type);
        }
      }
      return Nd4j.create(values, 1, header.length).castTo(header.type);
    }

    private float next(ByteBuffer block, DataType type) {
      return switch (type) {
        case FLOAT -> block.getFloat();
        case HALF -> HalfPrecision.toFloat(block.getShort());
        case BFLOAT16 -> HalfPrecision.bfloatToFloat(block.getShort());
        default -> throw refused("values of the type " + type);
      };
    }

    private ByteBuffer block(int bytes) throws IOException {
      byte[] block = new byte[bytes];
      in.readFully(block);
      return ByteBuffer.wrap(block);
    }

    private PalimpsestException refused(String why) {
      return new PalimpsestException(
          "%s: its coefficients.bin cannot be right: %s. Save the network again."
              .formatted(file, why));
    }
  }
}
