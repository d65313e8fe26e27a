package org.palimpsest.spark;

import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FSError;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.apache.spark.SparkEnv;
import org.apache.spark.deploy.SparkHadoopUtil;
import org.palimpsest.core.PalimpsestException;
import org.palimpsest.core.measure.Prepared;
import org.palimpsest.core.measure.Prepared.PreparedShelf;
import org.palimpsest.core.measure.PreparedFormat;
import org.palimpsest.internal.file.Sha256;

/**
 * A folder that all machines see, in one of Hadoop's file systems. Its files appear whole, and one
 * that is there stays as it is: whoever writes the same again changes nothing.
 */
final class SharedFolder {

  private static final int BUFFER = 1 << 20;

  private final Path folder;
  private final FileSystem files;

  private SharedFolder(Path folder, FileSystem files) {
    this.folder = folder;
    this.files = files;
  }

  /** What is written to a file. */
  interface Content {
    void write(OutputStream out) throws IOException;
  }

  /** What is made of a file of so many bytes. */
  interface Reading<T> {
    T read(InputStream in, long bytes) throws IOException;
  }

  /**
   * Opens a folder, which need not be there, with the settings of the Spark that runs here.
   *
   * @param uri in Hadoop's words: spaces and other letters are not encoded; without a scheme it is
   *     of Spark's default file system, and there a relative one begins where this process runs
   * @throws PalimpsestException if no file system is known by its name
   */
  static SharedFolder open(String uri) {
    Configuration settings = SparkHadoopUtil.get().newConfiguration(SparkEnv.get().conf());
    try {
      Path folder = new Path(uri);
      FileSystem files = folder.getFileSystem(settings);
      return new SharedFolder(files.makeQualified(folder), files);
    } catch (IOException | RuntimeException failure) {
      throw new PalimpsestException(
          "%s cannot be opened as a shared folder: %s. Give --shared a folder of a file system that Spark knows, such as file:///mnt/study or hdfs://host/study."
              .formatted(uri, failure.getMessage()),
          failure);
    }
  }

  /** What Hadoop calls a folder of this machine. */
  static String uriOf(java.nio.file.Path folder) {
    return new Path(folder.toAbsolutePath().normalize().toUri()).toString();
  }

  private interface Work<T> {
    T run() throws IOException;
  }

  /** A full disk is an error to Hadoop, not an exception. */
  private <T> T tell(String name, String what, Work<T> work) {
    try {
      return work.run();
    } catch (IOException | FSError failure) {
      throw new PalimpsestException(
          "%s/%s cannot be %s: %s. Is the folder seen by all machines, and is there room?"
              .formatted(folder, name, what, failure.getMessage()),
          failure);
    }
  }

  /** The names of all files. */
  Set<String> names() {
    return tell(
        "",
        "listed",
        () -> {
          Set<String> names = new HashSet<>();
          try {
            for (FileStatus file : files.listStatus(folder)) {
              names.add(file.getPath().getName());
            }
          } catch (FileNotFoundException none) {
            return names;
          }
          return names;
        });
  }

  boolean holds(String name) {
    return tell(name, "looked for", () -> files.exists(new Path(folder, name)));
  }

  /** Writes a file, unless it is there; what is half written is removed. */
  void write(String name, Content content) {
    Path target = new Path(folder, name);
    Path begun = new Path(folder, name + "." + UUID.randomUUID() + ".tmp");
    tell(
        name,
        "written",
        () -> {
          if (files.exists(target)) {
            return target;
          }
          try {
            files.mkdirs(folder);
            try (OutputStream out = new BufferedOutputStream(files.create(begun, false), BUFFER)) {
              content.write(out);
            }
            if (!files.rename(begun, target) && !files.exists(target)) {
              throw new IOException("it could not be given its name");
            }
            return target;
          } finally {
            files.delete(begun, false); // another machine may have been the first
          }
        });
  }

  <T> T read(String name, Reading<T> reading) {
    Path file = new Path(folder, name);
    return tell(
        name,
        "read",
        () -> {
          try (InputStream in = new BufferedInputStream(files.open(file), BUFFER)) {
            return reading.read(in, files.getFileStatus(file).getLen());
          }
        });
  }

  /** Removes a file that cannot be read, so that it is made anew. */
  void remove(String name) {
    tell(name, "removed", () -> files.delete(new Path(folder, name), false));
  }

  /** Removes the folder and all in it. */
  void delete() {
    tell("", "removed", () -> files.delete(folder, true));
  }

  /** Its URI with scheme and whole path, for {@link #open} on any machine. */
  @Override
  public String toString() {
    return folder.toString();
  }

  /** Prepared layers as files of a shared folder, named after the hash of their names. */
  static final class Shelf implements PreparedShelf {

    private static final String LAYER = ".layer";
    private static final String FAILURE = ".failure";
    private static final int LONGEST_REASON = 1 << 16;

    private final SharedFolder folder;
    private final boolean looksAgain;
    private final Set<String> known = ConcurrentHashMap.newKeySet();

    /**
     * @param folder where files lie
     * @param looksAgain whether it looks for what was not there when it looked last; otherwise
     *     {@link #refresh} does, with one listing for all
     */
    Shelf(SharedFolder folder, boolean looksAgain) {
      this.folder = folder;
      this.looksAgain = looksAgain;
      refresh();
    }

    /** Looks what lies there now. */
    void refresh() {
      known.addAll(folder.names());
    }

    @Override
    public boolean holds(String name) {
      String file = fileOf(name);
      return lies(file + LAYER) || lies(file + FAILURE);
    }

    private boolean lies(String file) {
      if (!known.contains(file) && looksAgain && folder.holds(file)) {
        known.add(file);
      }
      return known.contains(file);
    }

    private static String fileOf(String name) {
      return Sha256.of(name.getBytes(StandardCharsets.UTF_8));
    }

    @Override
    public <P extends Prepared> void put(String name, P prepared, PreparedFormat<P> format) {
      String file = fileOf(name) + LAYER;
      folder.write(file, out -> Prepared.Sealed.write(prepared, format, out));
      known.add(file);
    }

    @Override
    public void putFailure(String name, String reason) {
      String file = fileOf(name) + FAILURE;
      folder.write(file, out -> out.write(reason.getBytes(StandardCharsets.UTF_8)));
      known.add(file);
    }

    @Override
    public Optional<String> failure(String name) {
      String file = fileOf(name) + FAILURE;
      return lies(file)
          ? Optional.of(
              folder.read(
                  file,
                  (in, bytes) -> new String(in.readNBytes(LONGEST_REASON), StandardCharsets.UTF_8)))
          : Optional.empty();
    }

    @Override
    public <P extends Prepared> P get(String name, PreparedFormat<P> format) {
      String file = fileOf(name) + LAYER;
      try {
        return folder.read(file, (in, bytes) -> Prepared.Sealed.read(in, bytes, format));
      } catch (PalimpsestException damaged) {
        folder.remove(file);
        known.remove(file);
        throw new PalimpsestException(
            damaged.getMessage() + " The file is removed, and made anew by the next command.",
            damaged);
      }
    }
  }
}
