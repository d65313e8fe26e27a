package org.palimpsest.io.internal.onnx;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.palimpsest.core.PalimpsestException;
import org.palimpsest.core.Provenance;
import org.palimpsest.internal.file.InputFiles;
import org.palimpsest.internal.file.Sha256;

/**
 * An ONNX model with the files beside it, read once.
 *
 * @param file where it lies
 * @param bytes the model in one piece, as the runtime gets it
 * @param graph what was read of it
 * @param sha256 the hash of the file, or of it and the files beside it one after the other, as
 *     {@code cat model.onnx a.data b.data | sha256sum} gives it
 * @param others the locations of the files beside it, in alphabetical order
 */
public record OnnxModel(
    Path file, byte[] bytes, OnnxGraph graph, String sha256, List<String> others) {

  public OnnxModel {
    others = List.copyOf(others);
  }

  /**
   * @throws PalimpsestException if it is no ONNX model, is damaged, or a tensor lies outside of its
   *     folder
   */
  public static OnnxModel read(Path file) {
    InputFiles.require(file);
    return InputFiles.bounded(file, () -> readBounded(file));
  }

  private static OnnxModel readBounded(Path file) {
    try {
      if (InputFiles.size(file) > Integer.MAX_VALUE - 64) {
        throw new PalimpsestException(file + " is larger than the 2 GB that an ONNX file can be.");
      }
      byte[] bytes = Files.readAllBytes(file);
      ExternalTensors.Joined joined = ExternalTensors.join(file, bytes);
      List<byte[]> all = new ArrayList<>(List.of(bytes));
      all.addAll(joined.files().values());
      return new OnnxModel(
          file,
          joined.bytes(),
          OnnxGraphReader.read(file, joined.bytes()),
          Sha256.of(all),
          List.copyOf(joined.files().keySet()));
    } catch (ProtoReader.Malformed malformed) {
      throw OnnxGraphReader.damaged(file, malformed);
    } catch (IOException failure) {
      throw InputFiles.unreadable(file, failure);
    }
  }

  public Provenance provenance(String... notes) {
    List<String> all = new ArrayList<>(Arrays.asList(notes));
    if (!others.isEmpty()) {
      all.add(
          "has weights in %s; the hash is of the model and %s, one after the other"
              .formatted(String.join(", ", others), others.size() == 1 ? "it" : "these"));
    }
    all.addAll(graph.notes());
    return new Provenance(file.toString(), sha256, all);
  }

  /**
   * Brings tensors that a model keeps in other files back into the model.
   *
   * <p>Each of these files is read once. What comes of it is a model in one piece, which everything
   * else reads: nobody follows the file's words to other places afterwards.
   */
  private static final class ExternalTensors {

    /** The kinds of messages in which tensors lie, at any depth. */
    private enum Kind {
      MODEL,
      GRAPH,
      NODE,
      ATTRIBUTE,
      SPARSE,
      TENSOR,
      FUNCTION,
      TRAINING,
      OTHER;

      Kind below(int field) {
        return switch (this) {
          case MODEL ->
              field == 7 ? GRAPH : field == 20 ? TRAINING : field == 25 ? FUNCTION : OTHER;
          case GRAPH -> field == 1 ? NODE : field == 5 ? TENSOR : field == 15 ? SPARSE : OTHER;
          case NODE -> field == 5 ? ATTRIBUTE : OTHER;
          case ATTRIBUTE ->
              switch (field) {
                case 5, 10 -> TENSOR;
                case 6, 11 -> GRAPH;
                case 22, 23 -> SPARSE;
                default -> OTHER;
              };
          case SPARSE -> field == 1 || field == 2 ? TENSOR : OTHER;
          case FUNCTION -> field == 7 ? NODE : field == 11 ? ATTRIBUTE : OTHER;
          case TRAINING -> field == 1 || field == 2 ? GRAPH : OTHER;
          case TENSOR, OTHER -> OTHER;
        };
      }
    }

    private static final int RAW_DATA = 9;
    private static final int ENTRIES = 13;
    private static final int LOCATION = 14;
    private static final int DEEPEST = 100;
    private static final long MOST_BYTES = Integer.MAX_VALUE - 64;
    private static final Pattern NUMBER = Pattern.compile("\\d{1,18}+");
    private static final Pattern DRIVE = Pattern.compile("[A-Za-z]:.*+", Pattern.DOTALL);
    private static final Pattern SHA1 = Pattern.compile("[0-9a-fA-F]{40}");

    private final Path model;
    private final Map<String, byte[]> files = new TreeMap<>();
    private long bytesRead;

    private ExternalTensors(Path model) {
      this.model = model;
    }

    /**
     * The model in one piece.
     *
     * @param bytes the model
     * @param files the content of the other files by their locations, in alphabetical order; empty
     *     if the model is in one piece already
     */
    record Joined(byte[] bytes, Map<String, byte[]> files) {}

    /**
     * @param model where the model lies
     * @param bytes its content
     * @throws PalimpsestException if a tensor lies outside the model's folder, or its place is not
     *     told in a way that the format allows
     * @throws ProtoReader.Malformed if the bytes are no model
     */
    static Joined join(Path model, byte[] bytes) {
      ExternalTensors tensors = new ExternalTensors(model);
      Pieces joined = tensors.joined(Kind.MODEL, ProtoReader.of(bytes), bytes, 0);
      return new Joined(joined == null ? bytes : joined.together(), tensors.files);
    }

    /** The message in one piece; null if nothing of it lies elsewhere. */
    private @Nullable Pieces joined(Kind kind, ProtoReader in, byte[] bytes, int depth) {
      if (depth > DEEPEST) {
        throw new ProtoReader.Malformed("graphs within graphs, more than a hundred deep");
      }
      if (kind == Kind.TENSOR) {
        return tensor(in, bytes);
      }
      Pieces pieces = new Pieces();
      boolean changed = false;
      int start = in.position();
      for (int field = in.nextField(); field != 0; field = in.nextField()) {
        Kind below = kind.below(field);
        Pieces inner = null;
        if (below != Kind.OTHER && in.wireType() == ProtoReader.LENGTH) {
          inner = joined(below, in.message(), bytes, depth + 1);
        } else {
          in.skip();
        }
        if (inner == null) {
          pieces.add(bytes, start, in.position() - start);
        } else {
          changed = true;
          pieces.addField(field, inner);
        }
        if (pieces.size() > MOST_BYTES) {
          throw tooLarge();
        }
        start = in.position();
      }
      return changed ? pieces : null;
    }

    private PalimpsestException tooLarge() {
      return new PalimpsestException(
          model
              + " and the files beside it are larger than the 2 GB that are read of an ONNX model.");
    }

    private @Nullable Pieces tensor(ProtoReader in, byte[] bytes) {
      Pieces kept = new Pieces();
      Map<String, String> entries = new LinkedHashMap<>();
      boolean external = false;
      boolean inside = false;
      int begin = in.position();
      int start = begin;
      for (int field = in.nextField(); field != 0; field = in.nextField()) {
        if (field == ENTRIES) {
          readEntry(in.message(), entries);
        } else if (field == LOCATION) {
          external = in.varint() == 1;
        } else {
          in.skip();
          inside |= field == RAW_DATA;
          kept.add(bytes, start, in.position() - start);
        }
        start = in.position();
      }
      if (!external) {
        return null;
      }
      OnnxTensorInfo told = OnnxTensorInfo.read(ProtoReader.of(kept.together()));
      if (inside || told.content() != null) {
        throw refused(told.name(), "is said to lie in another file and lies in the model as well");
      }
      addContent(kept, told, entries);
      return kept;
    }

    private void readEntry(ProtoReader in, Map<String, String> entries) {
      Map.Entry<String, String> told = in.entry();
      if (entries.put(told.getKey(), told.getValue()) != null) {
        throw new ProtoReader.Malformed("a tensor whose '" + told.getKey() + "' is told twice");
      }
    }

    private void addContent(Pieces kept, OnnxTensorInfo tensor, Map<String, String> entries) {
      String name = tensor.name();
      for (String key : entries.keySet()) {
        boolean known =
            List.of("location", "offset", "length", "checksum").contains(key)
                || key.startsWith("prepacked");
        if (!known) {
          throw refused(name, "is described by '%s', which is not known".formatted(key));
        }
      }
      String location = entries.getOrDefault("location", "");
      byte[] file = file(name, location);
      requireChecksum(name, location, file, entries.get("checksum"));
      long needed = tensor.bytes();
      if (needed < 0) {
        throw refused(name, "is of the type %s, which is not read".formatted(tensor.type()));
      }
      long offset = number(name, "offset", entries.getOrDefault("offset", "0"));
      String told = entries.get("length");
      long length = told == null ? needed : number(name, "length", told);
      if (length != needed) {
        throw refused(
            name,
            "of the shape %s takes %s bytes, but its length is said to be %s"
                .formatted(tensor.shape(), needed, length));
      }
      if (offset > file.length || length > file.length - offset) {
        throw refused(
            name,
            "is said to have %s bytes from byte %s of '%s', which has %s"
                .formatted(length, offset, location, file.length));
      }
      Pieces content = new Pieces();
      content.add(file, (int) offset, (int) length);
      kept.addField(RAW_DATA, content);
    }

    private long number(String tensor, String key, String text) {
      if (!NUMBER.matcher(text).matches()) {
        throw refused(tensor, "has the %s '%s', which is no number of bytes".formatted(key, text));
      }
      return Long.parseLong(text);
    }

    private byte[] file(String tensor, String location) {
      byte[] known = files.get(location);
      if (known != null) {
        return known;
      }
      Path file = place(tensor, location);
      try {
        bytesRead += InputFiles.size(file);
        if (bytesRead > MOST_BYTES) {
          throw tooLarge();
        }
        byte[] content = Files.readAllBytes(file);
        files.put(location, content);
        return content;
      } catch (IOException failure) {
        throw InputFiles.unreadable(file, failure);
      }
    }

    /** A file in the model's folder or below it; links lead nowhere else. */
    private Path place(String tensor, String location) {
      if (location.isEmpty()) {
        throw refused(tensor, "lies in another file, but not said in which");
      }
      try {
        Path relative = Path.of(location);
        boolean outside =
            relative.isAbsolute()
                || location.indexOf('\\') >= 0
                || DRIVE.matcher(location).matches()
                || relative.normalize().startsWith("..");
        if (outside) {
          throw outside(tensor, location);
        }
        Path file = model.toAbsolutePath().resolveSibling(relative.normalize());
        if (!Files.exists(file)) {
          throw refused(
              tensor,
              "lies in the file '%s' beside the model, which does not exist. Copy it there; PyTorch writes one file with torch.onnx.export(…, external_data=False)"
                  .formatted(location));
        }
        Path real = InputFiles.require(file).toRealPath();
        if (!real.startsWith(folderOf(model.toAbsolutePath()).toRealPath())
            && !real.startsWith(folderOf(model.toRealPath()))) {
          throw outside(tensor, location);
        }
        return real;
      } catch (InvalidPathException noPath) {
        throw refused(tensor, "lies in '%s', which is no name of a file".formatted(location));
      } catch (IOException failure) {
        throw InputFiles.unreadable(model, failure);
      }
    }

    private static Path folderOf(Path file) {
      Path folder = file.getParent();
      return folder == null ? file : folder;
    }

    private PalimpsestException outside(String tensor, String location) {
      return refused(
          tensor,
          "is said to lie in '%s', outside of the model's folder, where no file is read"
              .formatted(location));
    }

    private void requireChecksum(
        String tensor, String location, byte[] file, @Nullable String checksum) {
      if (checksum == null) {
        return;
      }
      try {
        String sum = HexFormat.of().formatHex(MessageDigest.getInstance("SHA-1").digest(file));
        if (!SHA1.matcher(checksum).matches() || !sum.equalsIgnoreCase(checksum)) {
          throw refused(
              tensor,
              "lies in '%s' of the SHA-1 %s, but is said to have %s"
                  .formatted(location, sum, checksum));
        }
      } catch (NoSuchAlgorithmException impossible) {
        throw new IllegalStateException("every Java runtime has SHA-1", impossible);
      }
    }

    private PalimpsestException refused(String tensor, String why) {
      return new PalimpsestException("%s: its tensor '%s' %s.".formatted(model, tensor, why));
    }

    /** Bytes that are copied together once, at the end. */
    private static final class Pieces {

      private record Piece(byte[] bytes, int from, int length) {}

      private final List<Piece> pieces = new ArrayList<>();
      private long size;

      long size() {
        return size;
      }

      void add(byte[] bytes, int from, int length) {
        pieces.add(new Piece(bytes, from, length));
        size += length;
      }

      void addField(int number, Pieces content) {
        byte[] head = ProtoReader.head(number, content.size);
        add(head, 0, head.length);
        pieces.addAll(content.pieces);
        size += content.size;
      }

      byte[] together() {
        byte[] all = new byte[Math.toIntExact(size)];
        int at = 0;
        for (Piece piece : pieces) {
          System.arraycopy(piece.bytes(), piece.from(), all, at, piece.length());
          at += piece.length();
        }
        return all;
      }
    }
  }
}
