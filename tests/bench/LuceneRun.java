import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.apache.lucene.analysis.Analyzer;
import org.apache.lucene.document.Document;
import org.apache.lucene.document.Field;
import org.apache.lucene.document.TextField;
import org.apache.lucene.index.DirectoryReader;
import org.apache.lucene.index.IndexWriter;
import org.apache.lucene.index.IndexWriterConfig;
import org.apache.lucene.index.NoMergePolicy;
import org.apache.lucene.search.BooleanClause;
import org.apache.lucene.search.IndexSearcher;
import org.apache.lucene.search.Query;
import org.apache.lucene.search.ScoreDoc;
import org.apache.lucene.store.ByteBuffersDirectory;
import org.apache.lucene.store.Directory;
import org.apache.lucene.util.QueryBuilder;

/**
 * Lucene as it comes: one of its analyzers, BM25Similarity with its defaults, any of a query's
 * words.
 *
 * <p>Arguments: a file with a document on each line, one with a query on each line, how many
 * documents to find, the analyzer's class. Prints a line for each query: the nanoseconds it took, then the line numbers
 * of the documents from 0, best first.
 */
public final class LuceneRun {
    private static final String FIELD = "text";

    public static void main(String[] arguments)
            throws IOException, ReflectiveOperationException {
        Path documents = Path.of(arguments[0]);
        Path queries = Path.of(arguments[1]);
        int depth = Integer.parseInt(arguments[2]);
        Analyzer analyzer =
                (Analyzer) Class.forName(arguments[3]).getConstructor().newInstance();
        try (Directory directory = new ByteBuffersDirectory()) {
            index(documents, directory, analyzer);
            try (DirectoryReader reader = DirectoryReader.open(directory)) {
                IndexSearcher searcher = new IndexSearcher(reader);
                QueryBuilder builder = new QueryBuilder(analyzer);
                List<String> texts = Files.readAllLines(queries);
                // Once for nothing: Java compiles what it runs often, and that is no search.
                for (String text : texts) {
                    search(text, builder, searcher, depth);
                }
                for (String text : texts) {
                    System.out.println(search(text, builder, searcher, depth));
                }
            }
        }
    }

    private static void index(Path documents, Directory directory, Analyzer analyzer)
            throws IOException {
        // Without merges documents stay in the order they came in, so their numbers are the lines'.
        IndexWriterConfig config =
                new IndexWriterConfig(analyzer).setMergePolicy(NoMergePolicy.INSTANCE);
        try (IndexWriter writer = new IndexWriter(directory, config)) {
            for (String text : Files.readAllLines(documents)) {
                Document document = new Document();
                document.add(new TextField(FIELD, text, Field.Store.NO));
                writer.addDocument(document);
            }
        }
    }

    private static String search(
            String text, QueryBuilder builder, IndexSearcher searcher, int depth)
            throws IOException {
        long started = System.nanoTime();
        Query query = builder.createBooleanQuery(FIELD, text, BooleanClause.Occur.SHOULD);
        // A text of stop words alone is no query.
        ScoreDoc[] hits = query == null ? new ScoreDoc[0] : searcher.search(query, depth).scoreDocs;
        StringBuilder answer = new StringBuilder().append(System.nanoTime() - started);
        for (ScoreDoc hit : hits) {
            answer.append(' ').append(hit.doc);
        }
        return answer.toString();
    }

    private LuceneRun() {}
}
