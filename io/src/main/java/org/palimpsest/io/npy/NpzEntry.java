package org.palimpsest.io.npy;

import java.io.IOException;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.palimpsest.io.internal.binary.ZipArchive;

/** One array inside an open archive. */
record NpzEntry(ZipArchive archive, String layer) {

  static final String ENDING = ".npy";

  NpyHeader header() throws IOException {
    try (ZipArchive.Content in = archive.open(layer + ENDING)) {
      return NpyHeader.read(in, source());
    }
  }

  INDArray read() throws IOException {
    try (ZipArchive.Content in = archive.open(layer + ENDING)) {
      NpyHeader header = NpyHeader.read(in, source());
      header.requireSize(archive.size(layer + ENDING), source());
      INDArray tensor = NpyDecoder.read(header, in, source());
      in.finish();
      return tensor;
    }
  }

  private String source() {
    return "Array '" + layer + "' in " + archive.file();
  }
}
