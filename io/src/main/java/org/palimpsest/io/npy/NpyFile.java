package org.palimpsest.io.npy;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.palimpsest.internal.file.AtomicFile;
import org.palimpsest.internal.file.InputFiles;
import org.palimpsest.io.internal.npy.NpyEncoder;

/**
 * A NumPy array in a file of its own, read and written without Python.
 *
 * <pre>{@code
 * INDArray activations = NpyFile.read(Path.of("enc1.npy")); // numpy.save("enc1.npy", activations)
 * NpyFile.write(Path.of("probes.npy"), probes);
 * }</pre>
 *
 * <p>Read are versions 1 to 3, both byte orders, C and Fortran order, and floating numbers (16, 32,
 * 64 bits), signed and unsigned integers (8 to 64 bits) and booleans. Floating numbers of 16 and 32
 * bits become float32, everything else float64 (so that integers beyond 2^53 are rounded). Complex
 * numbers, texts and Python objects are refused; nothing of a file is ever run. Arrays larger than
 * 2 GB are read and written as well.
 */
public final class NpyFile {

  private NpyFile() {}

  /**
   * Reads what the array says of itself and checks that the file is as long as it should be.
   *
   * @throws org.palimpsest.core.PalimpsestException if it is no array that can be used
   */
  public static NpyHeader header(Path file) {
    InputFiles.require(file);
    try (InputStream in = new BufferedInputStream(Files.newInputStream(file))) {
      return readHeader(in, file);
    } catch (IOException failure) {
      throw InputFiles.unreadable(file, failure);
    }
  }

  /**
   * Reads the whole array into a tensor in C order.
   *
   * @throws org.palimpsest.core.PalimpsestException if it is no array that can be used, or does not
   *     fit into memory
   */
  public static INDArray read(Path file) {
    InputFiles.require(file);
    try (InputStream in = new BufferedInputStream(Files.newInputStream(file))) {
      return NpyDecoder.read(readHeader(in, file), in, file.toString());
    } catch (IOException failure) {
      throw InputFiles.unreadable(file, failure);
    }
  }

  private static NpyHeader readHeader(InputStream in, Path file) throws IOException {
    NpyHeader header = NpyHeader.read(in, file.toString());
    header.requireSize(Files.size(file), file.toString());
    return header;
  }

  /**
   * Writes a tensor in C order: as float32 if it is of a floating type of at most 32 bits, else as
   * float64.
   *
   * @throws org.palimpsest.core.PalimpsestException if it cannot be written; then nothing is left
   */
  public static void write(Path file, INDArray tensor) {
    AtomicFile.write(file, out -> NpyEncoder.write(tensor, out));
  }
}
