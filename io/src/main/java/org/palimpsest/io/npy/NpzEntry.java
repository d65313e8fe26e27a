package org.palimpsest.io.npy;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.zip.CRC32;
import java.util.zip.CheckedInputStream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.palimpsest.core.PalimpsestException;

/** One array inside an open archive. */
record NpzEntry(Path file, ZipFile zip, ZipEntry entry, String layer) {

  private static final long SUSPICIOUS_RATIO = 200;
  private static final long SUSPICIOUS_SIZE = 128L << 20;
  private static final long MOST_THAT_DEFLATE_CAN = 1040;

  NpyHeader header() throws IOException {
    try (InputStream in = zip.getInputStream(entry)) {
      return NpyHeader.read(in, source());
    }
  }

  INDArray read() throws IOException {
    requireHonestSize();
    CRC32 crc = new CRC32();
    try (CheckedInputStream in = new CheckedInputStream(zip.getInputStream(entry), crc)) {
      NpyHeader header = NpyHeader.read(in, source());
      header.requireSize(entry.getSize(), source());
      INDArray tensor = NpyDecoder.read(header, in, source());
      if (in.read() >= 0 || crc.getValue() != entry.getCrc()) {
        throw new PalimpsestException(
            source() + " is damaged: its checksum differs. Copy or write the file again.");
      }
      return tensor;
    }
  }

  private void requireHonestSize() {
    long size = entry.getSize();
    long packed = entry.getCompressedSize();
    if (size / MOST_THAT_DEFLATE_CAN > packed
        || size > SUSPICIOUS_SIZE && size / SUSPICIOUS_RATIO > packed) {
      throw new PalimpsestException(
          ("%s claims to unfold from %d to %d bytes, as only a harmful or damaged file does."
                  + " If it is honest, save it uncompressed with numpy.savez.")
              .formatted(source(), packed, size));
    }
  }

  private String source() {
    return "Array '" + layer + "' in " + file;
  }
}
