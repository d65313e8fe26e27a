package org.palimpsest.io.file;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import org.jspecify.annotations.Nullable;
import org.palimpsest.core.PalimpsestException;

/**
 * What tells that a file is still the one that it was: its size, its time and its place on the
 * disk.
 */
public record FileStamp(Path file, long size, FileTime modified, @Nullable Object key) {

  /**
   * @throws PalimpsestException if there is no such file
   */
  public static FileStamp of(Path file) {
    InputFiles.require(file);
    try {
      BasicFileAttributes facts = Files.readAttributes(file, BasicFileAttributes.class);
      return new FileStamp(file, facts.size(), facts.lastModifiedTime(), facts.fileKey());
    } catch (IOException failure) {
      throw InputFiles.unreadable(file, failure);
    }
  }

  /**
   * Makes sure that the file is as it was.
   *
   * @throws PalimpsestException if something wrote to it or took its place
   */
  public void requireUnchanged() {
    if (!Files.exists(file) || !of(file).equals(this)) {
      throw new PalimpsestException(
          file + " has changed while it was read. Wait until it is whole and try again.");
    }
  }
}
