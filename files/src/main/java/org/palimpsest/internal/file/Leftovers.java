package org.palimpsest.internal.file;

import java.io.IOException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.SecureDirectoryStream;
import java.nio.file.attribute.BasicFileAttributeView;
import java.nio.file.attribute.UserPrincipal;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What processes left that were killed.
 *
 * <p>Only what bears the stamp of a process that has ended and belongs to this user is removed.
 * Links are removed, never followed.
 */
final class Leftovers {

  private static final Set<Path> SWEPT = ConcurrentHashMap.newKeySet();

  private Leftovers() {}

  /**
   * Removes them from a folder, the first time that this process is about to write there.
   *
   * @param names of such files; the first group is the stamp
   * @param mine a file or folder there that this process has just made
   */
  static void sweepOnce(Path folder, Pattern names, Path mine) {
    if (!SWEPT.add(folder)) {
      return;
    }
    try (DirectoryStream<Path> entries = Files.newDirectoryStream(folder)) {
      UserPrincipal user = Files.getOwner(mine, LinkOption.NOFOLLOW_LINKS);
      for (Path entry : entries) {
        Matcher name = names.matcher(InputFiles.name(entry));
        if (name.matches()
            && ProcessStamp.parse(name.group(1)).filter(ProcessStamp::hasEnded).isPresent()
            && Files.getOwner(entry, LinkOption.NOFOLLOW_LINKS).equals(user)) {
          delete(entry);
        }
      }
    } catch (IOException | DirectoryIteratorException | UnsupportedOperationException notAllowed) {
      System.getLogger(Leftovers.class.getName())
          .log(System.Logger.Level.DEBUG, "leftovers in " + folder + " stay", notAllowed);
    }
  }

  /**
   * Deletes a file, or a folder with all that is in it. Where the system allows it, each is reached
   * from the open folder it lies in, so that nobody can put a link in its place meanwhile.
   *
   * @throws IOException if something of it stays
   */
  static void delete(Path path) throws IOException {
    Path place = path.toAbsolutePath();
    Path folder = Objects.requireNonNull(place.getParent(), "the root is nobody's leftover");
    Path name = Objects.requireNonNull(place.getFileName(), "the root is nobody's leftover");
    try (DirectoryStream<Path> entries = Files.newDirectoryStream(folder)) {
      if (entries instanceof SecureDirectoryStream<Path> secure) {
        deleteIn(secure, name);
        return;
      }
    }
    deleteByPath(place);
  }

  private static void deleteIn(SecureDirectoryStream<Path> folder, Path name) throws IOException {
    BasicFileAttributeView view =
        folder.getFileAttributeView(name, BasicFileAttributeView.class, LinkOption.NOFOLLOW_LINKS);
    if (!view.readAttributes().isDirectory()) {
      folder.deleteFile(name);
      return;
    }
    try (SecureDirectoryStream<Path> inner =
        folder.newDirectoryStream(name, LinkOption.NOFOLLOW_LINKS)) {
      for (Path entry : inner) {
        deleteIn(inner, Objects.requireNonNull(entry.getFileName()));
      }
    } catch (DirectoryIteratorException failure) {
      throw failure.getCause();
    }
    folder.deleteDirectory(name);
  }

  private static void deleteByPath(Path path) throws IOException {
    if (Files.isDirectory(path, LinkOption.NOFOLLOW_LINKS)) {
      try (DirectoryStream<Path> entries = Files.newDirectoryStream(path)) {
        for (Path entry : entries) {
          deleteByPath(entry);
        }
      } catch (DirectoryIteratorException failure) {
        throw failure.getCause();
      }
    }
    Files.delete(path);
  }
}
